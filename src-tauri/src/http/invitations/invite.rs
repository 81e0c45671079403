//! Invites somebody.

use axum::extract::State;
use axum::http::HeaderMap;
use domain::wire::{InvitationForm, InvitationView};

use crate::api::{Answer, ApiFor};
use crate::commands::Refusal;
use crate::http::Door;
use crate::http::requests::JsonBody;

/// Invite somebody. The link is shown once, and can be used once within 72 hours. As long as the local person has no name,
/// `own_name` and `own_email` say who invites.
#[utoipa::path(post, path = "/invitations", tag = "people", request_body = InvitationForm,
    responses((status = 201, body = InvitationView)))]
pub(super) async fn invite(
    api: ApiFor,
    State(door): State<Door>,
    headers: HeaderMap,
    JsonBody { body, key }: JsonBody<InvitationForm>,
) -> Result<Answer, Refusal> {
    api.invite(key, body, door.access.base(&headers)).await
}
