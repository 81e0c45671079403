//! Finishes the way to the identity provider and back.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use domain::caller::Caller;
use domain::wire::{ErrandDone, ErrorCode, FinishErrand};

use crate::api::{Answer, Visitor};
use crate::commands::Refusal;
use crate::http::Door;
use crate::http::requests::JsonBody;
use crate::http::session::root;

/// Finish the way to the identity provider and back, with what it gave: somebody is signed in, or has done what they went
/// for.
#[utoipa::path(post, path = "/session/oidc/callback", tag = "session", request_body = FinishErrand,
    responses((status = 200, body = ErrandDone)))]
pub(super) async fn finish(
    State(door): State<Door>,
    visitor: Visitor,
    headers: HeaderMap,
    caller: Option<Extension<Caller>>,
    JsonBody { body, .. }: JsonBody<FinishErrand>,
) -> Result<Response, Refusal> {
    let (root, redirect) = (root(body.root.clone())?, redirect(&door)?);
    let cookies = door.access.errands(&headers);
    let caller = caller.map(|Extension(caller)| caller);
    let back = door.api.finish_errand(&cookies, body, caller, &redirect, visitor).await?;
    let answer = Answer::done(&ErrandDone { errand: back.errand })?;
    let done = door.access.no_errand(&headers, &root);
    let entered = back.came_in.map(|came_in| door.access.cookie(&headers, &came_in.cookie, &root));
    let cookies = AppendHeaders([entered, Some(done)].into_iter().flatten().map(|cookie| (header::SET_COOKIE, cookie)));
    Ok((cookies, answer).into_response())
}

/// The address at which people reach this server, as the provider knows it.
pub(super) fn base(door: &Door) -> Result<&str, Refusal> {
    let none = || Refusal::new(ErrorCode::NotFound, "Nobody signs in at the window: who sits before it is known.");
    door.access.way_back().ok_or_else(none)
}

/// The address to which the provider sends people back.
pub(super) fn redirect(door: &Door) -> Result<String, Refusal> {
    Ok(format!("{}/api/v1/session/oidc/callback", base(door)?))
}
