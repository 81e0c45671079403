//! Signs out.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::{Answer, ApiFor};
use crate::commands::{self, Refusal};
use crate::http::Door;
use crate::http::access::Root;
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

/// Sign out: the session ends, with every answer that it still gets, and the browser forgets its cookie.
#[utoipa::path(delete, path = "/session", tag = "session", params(SignOut), responses((status = 204)))]
pub(super) async fn delete(
    api: ApiFor,
    State(door): State<Door>,
    headers: HeaderMap,
    QueryParams(asked): QueryParams<SignOut>,
) -> Result<impl IntoResponse, Refusal> {
    if api.is_in_session() {
        api.let_out(|act, _| {
            commands::sign_out(act)?;
            Answer::done(&())
        })
        .await?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, door.access.no_cookie(&headers, &asked.root))]))
}
