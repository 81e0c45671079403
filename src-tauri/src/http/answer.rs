//! An answer that can be kept and given again: status, JSON and tag.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::id::Generation;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::problem;
use crate::commands::Refusal;

/// Status, JSON body, and the tag of what it shows.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: String,
    pub(super) replayed: bool,
    /// What is kept under an idempotency key instead of a body that holds a secret.
    pub(super) kept: Option<String>,
    etag: Option<String>,
    location: Option<String>,
}

impl Answer {
    /// `view` with `status`.
    pub(super) fn new(status: StatusCode, view: &impl Serialize) -> Result<Self, Refusal> {
        let body = serde_json::to_string(view).map_err(|error| problem::fault("a view cannot be written", &error))?;
        Ok(Self { status, body, replayed: false, kept: None, etag: None, location: None })
    }

    /// `view` with 200.
    pub(super) fn ok(view: &impl Serialize) -> Result<Self, Refusal> {
        Self::new(StatusCode::OK, view)
    }

    /// `view` with 201 and where it can be read.
    pub(super) fn created(location: String, view: &impl Serialize) -> Result<Self, Refusal> {
        Ok(Self { location: Some(location), ..Self::new(StatusCode::CREATED, view)? })
    }

    /// `view` with 202 and where its progress can be read.
    pub(super) fn accepted(location: String, view: &impl Serialize) -> Result<Self, Refusal> {
        Ok(Self { location: Some(location), ..Self::new(StatusCode::ACCEPTED, view)? })
    }

    /// A refusal, as it is kept under an idempotency key.
    pub(super) fn refused(refusal: &Refusal) -> Result<Self, Refusal> {
        let status = StatusCode::from_u16(refusal.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::new(status, &problem::of(refusal))
    }

    /// The same answer, of which only `rest` is kept under an idempotency key: it holds a secret.
    pub(super) fn keeping(self, rest: &impl Serialize) -> Result<Self, Refusal> {
        let kept = serde_json::to_string(rest).map_err(|error| problem::fault("a view cannot be written", &error))?;
        Ok(Self { kept: Some(kept), ..self })
    }

    /// An answer that was given before.
    pub(super) fn again(status: u16, body: String) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, body, replayed: true, kept: None, etag: None, location: None }
    }

    /// The same, given a second time.
    #[must_use]
    pub(super) fn replay(self) -> Self {
        Self { replayed: true, ..self }
    }

    /// Tagged with a deployment's generation, which writes may name in `If-Match`.
    #[must_use]
    pub(super) fn at(self, generation: Generation) -> Self {
        Self { etag: Some(format!("\"{generation}\"")), ..self }
    }

    /// Tagged with a hash of its content.
    #[must_use]
    pub(super) fn hashed(self) -> Self {
        let hash = hex::encode(&Sha256::digest(&self.body)[..16]);
        Self { etag: Some(format!("\"{hash}\"")), ..self }
    }
}

impl Answer {
    /// Its tag, as `If-Match` names it; empty when it has none.
    pub(super) fn tag(&self) -> &str {
        self.etag.as_deref().unwrap_or_default()
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let media = if self.status.as_u16() < 400 { "application/json" } else { problem::MEDIA_TYPE };
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        let head = response.headers_mut();
        head.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
        for (name, value) in [(header::ETAG, self.etag), (header::LOCATION, self.location)] {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
                head.insert(name, value);
            }
        }
        if self.replayed {
            head.insert("idempotency-replayed", HeaderValue::from_static("true"));
        }
        response
    }
}
