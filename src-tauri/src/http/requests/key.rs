//! `Idempotency-Key`: a repeat of a `POST` answers what the first one answered.

use axum::http::Method;
use axum::http::request::Parts;
use domain::wire::ErrorCode;
use sha2::{Digest as _, Sha256};

use crate::api::IdempotencyKey;
use crate::commands::Refusal;

/// Longest key in bytes.
const LONGEST: usize = 255;

/// The key of a `POST`, if it has one; its fingerprint covers method, path, query and `content`.
pub(in crate::http) fn of(parts: &Parts, content: &[u8]) -> Result<Option<IdempotencyKey>, Refusal> {
    let Some(key) = parts.headers.get("idempotency-key").filter(|_| parts.method == Method::POST) else {
        return Ok(None);
    };
    let key = key.to_str().ok().filter(|key| (1..=LONGEST).contains(&key.len())).ok_or_else(|| {
        Refusal::new(
            ErrorCode::MalformedRequest,
            format!("An Idempotency-Key holds 1 to {LONGEST} printable ASCII characters."),
        )
    })?;
    let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
    let mut hash = Sha256::new();
    hash.update(format!("{} {path}\n", parts.method));
    hash.update(content);
    Ok(Some(IdempotencyKey { key: key.to_owned(), fingerprint: hex::encode(hash.finalize()) }))
}
