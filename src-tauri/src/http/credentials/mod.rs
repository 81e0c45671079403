//! What callers of an inference URL have to show: keys and tokens (AZ-3). None of it is in the history.

mod keys;
mod tokens;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;
use crate::api::Answer;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(routes!(keys::show))
        .routes(routes!(keys::regenerate))
        .routes(routes!(tokens::issue, tokens::revoke))
}

/// An answer that nothing on its way keeps.
fn private(answer: Answer) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
