//! Sends a browser to the identity provider.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use domain::caller::Caller;
use domain::wire::{ErrandStarted, ErrorCode, StartErrand};

use super::back::redirect;
use crate::api::{Answer, Visitor};
use crate::commands::Refusal;
use crate::http::Door;
use crate::http::requests::JsonBody;
use crate::http::session::root;

/// Go to the identity provider: the browser goes to the address in the answer, and comes back within ten minutes. To sign in
/// or to join by an invitation, and for somebody who is signed in to link their account or to show again who they are.
#[utoipa::path(post, path = "/session/oidc/start", tag = "session", request_body = StartErrand,
    responses((status = 200, body = ErrandStarted)))]
pub(super) async fn start(
    State(door): State<Door>,
    visitor: Visitor,
    headers: HeaderMap,
    caller: Option<Extension<Caller>>,
    JsonBody { body, .. }: JsonBody<StartErrand>,
) -> Result<Response, Refusal> {
    let (root, redirect) = (root(body.root.clone())?, redirect(&door)?);
    check_place(&door, &headers)?;
    let caller = caller.map(|Extension(caller)| caller);
    let sent = door.api.start_errand(body, caller, &redirect, visitor).await?;
    let answer = Answer::done(&ErrandStarted { location: sent.location })?;
    Ok(([(header::SET_COOKIE, door.access.errand(&headers, &sent.cookie, &root))], answer).into_response())
}

/// Refuses a page of another address than that to which the provider sends people back: its cookie would not come along.
fn check_place(door: &Door, headers: &HeaderMap) -> Result<(), Refusal> {
    let (Some(origin), Some(base)) = (headers.get(header::ORIGIN), door.access.way_back()) else { return Ok(()) };
    let of_base: String = base.split('/').take(3).collect::<Vec<_>>().join("/");
    if origin.to_str().is_ok_and(|origin| origin.eq_ignore_ascii_case(&of_base)) {
        return Ok(());
    }
    let detail =
        format!("People who sign in there are sent back to {base}. Open this server at that address, and try again.");
    Err(Refusal::new(ErrorCode::ForeignOrigin, detail))
}
