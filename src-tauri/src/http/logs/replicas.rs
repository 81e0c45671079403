//! Lists the replicas whose output can be read.

use axum::response::{IntoResponse as _, Response};
use domain::wire::{LoggedReplica, Page};

use crate::api::{Answer, ApiFor};
use crate::commands::Refusal;
use crate::http::requests::{PathParams, WithoutQuery};

/// List the replicas whose output can be read: those that are there, and behind them the last 100 that have ended, the newest
/// first.
#[utoipa::path(get, path = "/deployments/{d}/logs/replicas", tag = "logs",
    responses((status = 200, body = Page<LoggedReplica>)))]
pub(super) async fn replicas(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    _: WithoutQuery,
) -> Result<Response, Refusal> {
    let items = api.read(move |views| views.logged(&d)).await?;
    Ok(Answer::done(&Page { items, next_cursor: None })?.into_response())
}
