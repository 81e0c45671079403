//! Answers that hold a secret.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};

use crate::api::Answer;

/// An answer that nothing on its way keeps.
pub(super) fn private(answer: Answer) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
