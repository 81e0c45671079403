//! Signs out.

use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use crate::api::access::no_cookie;

/// Sign out: the browser forgets its cookie.
#[utoipa::path(delete, path = "/session", tag = "session", responses((status = 204)))]
pub(super) async fn delete() -> impl IntoResponse {
    (StatusCode::NO_CONTENT, [(header::SET_COOKIE, no_cookie())])
}
