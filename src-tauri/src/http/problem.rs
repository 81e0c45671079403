//! Refusals, failures and panics as problem responses (RFC 9457).

use std::panic::AssertUnwindSafe;

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::wire::ErrorCode;
use futures_util::FutureExt as _;
use serde_json::Value;

use crate::commands::Refusal;

/// The media type of problems.
pub(super) const MEDIA_TYPE: &str = "application/problem+json";

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (status(self.code), Json(self.problem())).into_response();
        let head = response.headers_mut();
        head.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        match self.code {
            ErrorCode::Unauthenticated => {
                head.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"changeover\""));
            }
            ErrorCode::TooManyStreams | ErrorCode::TooManyPredictions | ErrorCode::TooManyUploads => {
                head.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            }
            ErrorCode::TooManyAttempts => {
                let seconds = self.more.get("retry_after_seconds").and_then(Value::as_u64).unwrap_or(1);
                head.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            _ => {}
        }
        response
    }
}

/// The status that goes with a code.
pub(super) fn status(code: ErrorCode) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The whole answer to a connection that is one too many, as bytes: it is given without reading.
pub(crate) fn too_many_connections(limit: usize) -> String {
    let refusal = Refusal::new(
        ErrorCode::TooManyConnections,
        format!("{limit} connections to the API are open, the most that it allows. Close some, or try again later."),
    );
    // A problem is text and numbers, which can always be written.
    let body = serde_json::to_string(&refusal.problem()).unwrap_or_default();
    format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: {MEDIA_TYPE}\r\nretry-after: 5\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    )
}

/// Answers a panic with a problem that says nothing of it; the panic itself is in the log.
pub(super) async fn catch_panics(request: Request, next: Next) -> Response {
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => Refusal::unknown_fault().into_response(),
    }
}
