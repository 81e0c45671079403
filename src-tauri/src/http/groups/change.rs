//! Changes a group, and deletes one.

use axum::http::StatusCode;
use domain::wire::{GroupChange, GroupView};

use crate::api::{Answer, ApiFor};
use crate::commands::{self, Refusal};
use crate::http::requests::{JsonBody, PathParams, WithoutQuery};

/// Change the name or the members of a group.
#[utoipa::path(patch, path = "/groups/{id}", tag = "people", request_body = GroupChange,
    responses((status = 200, body = GroupView)))]
pub(super) async fn change(
    api: ApiFor,
    PathParams(id): PathParams<String>,
    JsonBody { body, .. }: JsonBody<GroupChange>,
) -> Result<Answer, Refusal> {
    api.write(None, move |_, act| Answer::done(&commands::change_group(act, &id, &body)?)).await
}

/// Delete a group that no policy names. The roles that it was given are taken back.
#[utoipa::path(delete, path = "/groups/{id}", tag = "people", responses((status = 204)))]
pub(super) async fn delete(
    api: ApiFor,
    PathParams(id): PathParams<String>,
    _: WithoutQuery,
) -> Result<StatusCode, Refusal> {
    api.write(None, move |_, act| {
        commands::delete_group(act, &id)?;
        Answer::done(&())
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
