//! Ends that an account at the identity provider lets somebody in: oneself, or somebody else.

use axum::http::StatusCode;

use domain::wire::PersonView;

use crate::api::{Answer, ApiFor};
use crate::commands::Refusal;
use crate::http::requests::{PathParams, WithoutQuery};

/// Unlink your account at the identity provider: it lets you in no more, and your other sessions end.
#[utoipa::path(delete, path = "/me/identity", tag = "people", responses((status = 204)))]
pub(super) async fn unlink(api: ApiFor, _: WithoutQuery) -> Result<StatusCode, Refusal> {
    api.unlink().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Unlink somebody's account at the identity provider: it lets them in no more, what the provider gave them is taken back,
/// and their sessions end. The last administrator who can sign in stays.
#[utoipa::path(delete, path = "/people/{id}/identity", tag = "people", responses((status = 200, body = PersonView)))]
pub(super) async fn unlink_person(
    api: ApiFor,
    PathParams(id): PathParams<String>,
    _: WithoutQuery,
) -> Result<Answer, Refusal> {
    api.unlink_person(id).await
}
