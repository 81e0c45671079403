//! Ends that an account at the identity provider lets oneself in.

use axum::http::StatusCode;

use crate::api::ApiFor;
use crate::commands::Refusal;
use crate::http::requests::WithoutQuery;

/// Unlink your account at the identity provider: it lets you in no more, and your other sessions end.
#[utoipa::path(delete, path = "/me/identity", tag = "people", responses((status = 204)))]
pub(super) async fn unlink(api: ApiFor, _: WithoutQuery) -> Result<StatusCode, Refusal> {
    api.unlink().await?;
    Ok(StatusCode::NO_CONTENT)
}
