//! Bodies: bounded, of the right type, read as JSON, with the key under which their answer is kept.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};
use domain::wire::ErrorCode;
use http_body_util::BodyExt as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Once, WithoutQuery, json};
use crate::api::serving::Serving;
use crate::commands::Refusal;

/// How many times the limit is read and thrown away, so that a client that is still sending gets to read the answer.
const DRAINED: usize = 16;

/// A JSON body, and whether it was sent before.
pub(in crate::api) struct Sent<T> {
    pub(in crate::api) body: T,
    pub(in crate::api) once: Once,
}

/// The body of a request that says everything in its path.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct WithoutBody {}

impl<T: DeserializeOwned> FromRequest<Arc<Serving>> for Sent<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, serving: &Arc<Serving>) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        WithoutQuery::from_request_parts(&mut parts, serving).await?;
        let bytes = read(body, serving.api.limits.body_bytes).await?;
        if !bytes.is_empty() {
            check_type(&parts.headers)?;
        }
        let once = Once::of(&parts, &bytes)?;
        Ok(Self { body: json::read(&bytes)?, once })
    }
}

/// The media type of the body in lower case, without its parameters.
fn essence(headers: &HeaderMap) -> String {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether the body says that it is JSON.
pub(in crate::api) fn is_json(headers: &HeaderMap) -> bool {
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

/// Reads a body of at most `limit` bytes.
async fn read(mut body: Body, limit: usize) -> Result<Bytes, Refusal> {
    let mut read = BytesMut::new();
    let mut size = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            Refusal::new(ErrorCode::MalformedRequest, format!("The body broke off after {size} bytes: {error}."))
        })?;
        let Ok(data) = frame.into_data() else { continue };
        size += data.len();
        if size <= limit {
            read.extend_from_slice(&data);
        } else if size > limit.saturating_mul(DRAINED) {
            break;
        }
    }
    if size > limit {
        return Err(Refusal::new(
            ErrorCode::BodyTooLarge,
            format!("The body is larger than {limit} bytes, the limit."),
        ));
    }
    Ok(read.freeze())
}
