//! Revokes an API token.

use axum::http::StatusCode;

use crate::api::{Answer, ApiFor};
use crate::commands::{self, Refusal};
use crate::http::requests::{PathParams, WithoutQuery};

/// Revoke an API token: the next request with it is refused, and what it still gets ends.
#[utoipa::path(delete, path = "/tokens/{id}", tag = "tokens", responses((status = 204)))]
pub(super) async fn revoke(
    api: ApiFor,
    PathParams(id): PathParams<String>,
    _: WithoutQuery,
) -> Result<StatusCode, Refusal> {
    api.let_out(move |act, _| {
        commands::revoke_api_token(act, &id)?;
        Answer::done(&())
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
