//! Ends sessions, with every answer that they still get.

use axum::http::StatusCode;

use crate::api::{Answer, ApiFor};
use crate::commands::{self, Refusal};
use crate::http::requests::{PathParams, WithoutQuery};

/// End one of your sessions.
#[utoipa::path(delete, path = "/sessions/{id}", tag = "session", responses((status = 204)))]
pub(super) async fn end(
    api: ApiFor,
    PathParams(id): PathParams<String>,
    _: WithoutQuery,
) -> Result<StatusCode, Refusal> {
    api.let_out(move |act, _| {
        commands::end_session(act, &id)?;
        Answer::done(&())
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End all of your sessions but this one.
#[utoipa::path(delete, path = "/sessions", tag = "session", responses((status = 204)))]
pub(super) async fn end_others(api: ApiFor, _: WithoutQuery) -> Result<StatusCode, Refusal> {
    api.let_out(|act, _| {
        commands::end_other_sessions(act)?;
        Answer::done(&())
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
