//! Lists invitations, and takes them back.

use axum::http::StatusCode;
use domain::wire::{InvitationView, Page};

use crate::api::{Answer, ApiFor};
use crate::commands::{self, Refusal};
use crate::http::requests::{PathParams, WithoutQuery};

/// List invitations that wait to be accepted, oldest first.
#[utoipa::path(get, path = "/invitations", tag = "people", responses((status = 200, body = Page<InvitationView>)))]
pub(super) async fn list(api: ApiFor, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.read(|views| Answer::all(commands::invitations(&views.moment(), views.now())?)).await
}

/// Take an invitation back.
#[utoipa::path(delete, path = "/invitations/{id}", tag = "people", responses((status = 204)))]
pub(super) async fn withdraw(
    api: ApiFor,
    PathParams(id): PathParams<String>,
    _: WithoutQuery,
) -> Result<StatusCode, Refusal> {
    api.write(None, move |_, act| {
        commands::withdraw_invitation(act, &id)?;
        Answer::done(&())
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
