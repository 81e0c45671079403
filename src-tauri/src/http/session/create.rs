//! Signs in: trades the token for a cookie.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::wire::{ErrorCode, Session};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::commands::Refusal;
use crate::http::access::Root;
use crate::http::answer::Answer;
use crate::http::requests::Sent;
use crate::http::serving::Serving;

/// Signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    /// The server's token.
    token: String,
    /// The path that the page lies under, where a proxy puts it under one: the cookie is sent there only.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    root: Root,
}

/// Sign in: trade the token for a cookie that pages of this server send by themselves.
#[utoipa::path(post, path = "/session", tag = "session", request_body = SignIn, responses((status = 200, body = Session)))]
pub(super) async fn create(
    State(serving): State<Arc<Serving>>,
    Sent { body, .. }: Sent<SignIn>,
) -> Result<Response, Refusal> {
    if !serving.api.access.accepts(&body.token) {
        return Err(Refusal::new(
            ErrorCode::Unauthenticated,
            "This is not the server's token. Use the sign-in link that the server printed, or the token in the file token of its data directory.",
        ));
    }
    let answer = Answer::ok(&super::view(&serving.api))?;
    Ok(match serving.api.access.cookie(&body.root) {
        Some(cookie) => ([(header::SET_COOKIE, cookie)], answer).into_response(),
        None => answer.into_response(),
    })
}
