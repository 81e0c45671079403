//! Signs in: trades the token for a cookie.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::wire::{ErrorCode, Session};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::api::Answer;
use crate::commands::Refusal;
use crate::http::Door;
use crate::http::access::Root;
use crate::http::requests::JsonBody;

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
    State(door): State<Door>,
    JsonBody { body, .. }: JsonBody<SignIn>,
) -> Result<Response, Refusal> {
    let Some(caller) = door.access.holder(&body.token) else {
        return Err(Refusal::new(
            ErrorCode::Unauthenticated,
            "This is not the server's token. Use the sign-in link that the server printed, or the token in the file token of its data directory.",
        ));
    };
    let answer = Answer::done(&door.api.session(caller))?;
    Ok(match door.access.cookie(&body.root) {
        Some(cookie) => ([(header::SET_COOKIE, cookie)], answer).into_response(),
        None => answer.into_response(),
    })
}
