//! Signs out.

use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::access::{Root, no_cookie};
use crate::http::requests::QueryParams;

/// The path under which the cookie was set.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SignOut {
    /// The path that the page lies under, as it was told when signing in.
    #[param(value_type = Option<String>)]
    root: Root,
}

/// Sign out: the browser forgets its cookie.
#[utoipa::path(delete, path = "/session", tag = "session", params(SignOut), responses((status = 204)))]
pub(super) async fn delete(QueryParams(asked): QueryParams<SignOut>) -> impl IntoResponse {
    (StatusCode::NO_CONTENT, [(header::SET_COOKIE, no_cookie(&asked.root))])
}
