//! Signs in: trades the server's token, a password or a link for a cookie.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use domain::wire::{Session, SignIn};

use super::entered::{entered, root};
use crate::api::{Answer, ApiFor, Visitor};
use crate::commands::Refusal;
use crate::http::Door;
use crate::http::requests::JsonBody;

/// Sign in: trade the server's token, e-mail address and password, or a link that was made on the machine for a cookie
/// that pages of this server send by themselves.
#[utoipa::path(post, path = "/session", tag = "session", request_body = SignIn, responses((status = 200, body = Session)))]
pub(super) async fn create(
    State(door): State<Door>,
    visitor: Visitor,
    headers: HeaderMap,
    JsonBody { body, .. }: JsonBody<SignIn>,
) -> Result<Response, Refusal> {
    let root = root(body.root)?;
    let come_in = match (body.token, body.email, body.password, body.admin_link) {
        (Some(token), None, None, None) => match door.access.holder(token.reveal()).cloned() {
            Some(caller) if door.access.is_window() => {
                let own = ApiFor { api: door.api, caller };
                return Ok(own.read(|views| Answer::done(&views.session()?)).await?.into_response());
            }
            Some(holder) => door.api.enter_by_token(&holder.actor, visitor).await?,
            None => return Err(door.api.wrong_token(visitor).await),
        },
        (None, Some(email), Some(password), None) => door.api.enter_by_password(email, password, visitor).await?,
        (None, None, None, Some(link)) => door.api.enter_by_link(&link, visitor).await?,
        _ => {
            let detail = "token: Send token, or email and password, or admin_link, and nothing else of these.";
            return Err(Refusal::invalid("token", detail));
        }
    };
    entered(&door, come_in, &headers, &root).await
}
