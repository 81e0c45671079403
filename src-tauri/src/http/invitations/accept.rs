//! Looks at an invitation, and accepts it; for whoever has the link. What it holds is never part of an address.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::wire::{AcceptInvitation, Greeting, PeekInvitation, Session};

use crate::api::{Answer, Visitor};
use crate::commands::Refusal;
use crate::http::Door;
use crate::http::requests::JsonBody;
use crate::http::session::{entered, root};

/// Read what an invitation is for; needs its link, and does not use it up.
#[utoipa::path(post, path = "/invitations/peek", tag = "people", request_body = PeekInvitation,
    responses((status = 200, body = Greeting)))]
pub(super) async fn peek(
    State(door): State<Door>,
    visitor: Visitor,
    JsonBody { body, .. }: JsonBody<PeekInvitation>,
) -> Result<Answer, Refusal> {
    Answer::done(&door.api.greeting(&body.secret, visitor.source).await?)
}

/// Accept an invitation: you are known here from then on, and signed in.
#[utoipa::path(post, path = "/invitations/accept", tag = "people", request_body = AcceptInvitation,
    responses((status = 200, body = Session)))]
pub(super) async fn accept(
    State(door): State<Door>,
    visitor: Visitor,
    headers: HeaderMap,
    JsonBody { body, .. }: JsonBody<AcceptInvitation>,
) -> Result<Response, Refusal> {
    let root = root(body.root.clone())?;
    let come_in = door.api.join(body, visitor).await?;
    entered(&door, come_in, &headers, &root).await
}
