//! Bodies: bounded, of the right type, read as JSON, with the key under which their answer is kept.

use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};
use domain::caller::Caller;
use domain::wire::ErrorCode;
use http_body_util::BodyExt as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{WithoutQuery, json, key};
use crate::api::IdempotencyKey;
use crate::commands::Refusal;
use crate::http::Door;

/// The time that a body may take to arrive.
const LONGEST: Duration = Duration::from_secs(30);

/// A JSON body, and the key under which its answer is kept.
pub(in crate::http) struct JsonBody<T> {
    pub(in crate::http) body: T,
    pub(in crate::http) key: Option<IdempotencyKey>,
}

/// The body of a request that says everything in its path.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct WithoutBody {}

impl<T: DeserializeOwned> FromRequest<Door> for JsonBody<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, door: &Door) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        WithoutQuery::from_request_parts(&mut parts, door).await?;
        let bounds = &door.api.bounds;
        let known = parts.extensions.get::<Caller>().is_some();
        let bytes = read(body, if known { bounds.body_bytes } else { bounds.stranger_bytes }).await?;
        if !bytes.is_empty() {
            check_type(&parts.headers)?;
        }
        let key = key::of(&parts, &bytes)?;
        Ok(Self { body: json::read(&bytes)?, key })
    }
}

/// The media type of the body in lower case, without its parameters.
fn essence(headers: &HeaderMap) -> String {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// True when the headers say that the body is JSON.
pub(in crate::http) fn is_json(headers: &HeaderMap) -> bool {
    let essence = essence(headers);
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn check_type(headers: &HeaderMap) -> Result<(), Refusal> {
    if is_json(headers) {
        return Ok(());
    }
    let essence = essence(headers);
    let shown: String = essence.chars().take(80).collect();
    let what = if shown.is_empty() { "has no Content-Type".to_owned() } else { format!("is {shown}") };
    Err(Refusal::new(
        ErrorCode::UnsupportedMediaType,
        format!("The body {what}; send JSON with Content-Type: application/json."),
    ))
}

/// Reads a body of at most `limit` bytes. What is left of a longer one is its connection's to throw away.
async fn read(body: Body, limit: usize) -> Result<Bytes, Refusal> {
    tokio::time::timeout(LONGEST, read_all(body, limit)).await.unwrap_or_else(|_| {
        Err(Refusal::new(
            ErrorCode::RequestTimeout,
            format!("The body was not complete after {} seconds. Send it again.", LONGEST.as_secs()),
        ))
    })
}

async fn read_all(mut body: Body, limit: usize) -> Result<Bytes, Refusal> {
    let too_large =
        || Refusal::new(ErrorCode::BodyTooLarge, format!("The body is larger than {limit} bytes, the limit."));
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large());
    }
    let mut read = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            Refusal::new(
                ErrorCode::MalformedRequest,
                format!("The body broke off after {} bytes: {error}.", read.len()),
            )
        })?;
        let Ok(data) = frame.into_data() else { continue };
        if read.len() + data.len() > limit {
            return Err(too_large());
        }
        read.extend_from_slice(&data);
    }
    Ok(read.freeze())
}
