//! Lists change requests, and counts those that wait for the caller.

use domain::wire::{ChangeRequestView, Page};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::api::{Answer, ApiFor, WaitingCounts, Whose};
use crate::commands::Refusal;
use crate::http::requests::{QueryParams, WithoutQuery, limit};

/// The callers whose requests are asked for.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum For {
    /// All that the caller may see.
    #[default]
    All,
    /// Those that the caller could review now.
    Me,
    /// Those that the caller asked for.
    Mine,
}

/// The ends of requests that are asked for.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Ended {
    /// Those that have not ended.
    Live,
    /// Those that have.
    Ended,
}

/// The requests that are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// `all`, `me` (those that the caller could review now) or `mine`.
    #[param(inline)]
    r#for: For,
    /// Only those about this deployment.
    deployment: Option<String>,
    /// `live` or `ended`; by default both.
    #[param(inline)]
    state: Option<Ended>,
    /// The most items of a page: 1 to 200; by default 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(pattern = "^[A-Za-z0-9-]{1,64}$")]
    cursor: Option<String>,
}

/// List change requests, newest first.
#[utoipa::path(get, path = "/change-requests", tag = "change requests", params(Wanted),
    responses((status = 200, body = Page<ChangeRequestView>)))]
pub(super) async fn list(api: ApiFor, QueryParams(wanted): QueryParams<Wanted>) -> Result<Answer, Refusal> {
    let limit = limit(wanted.limit, 50, 200)?;
    let whose = match wanted.r#for {
        For::All => Whose::All,
        For::Me => Whose::ForMe,
        For::Mine => Whose::Mine,
    };
    let live = wanted.state.map(|state| matches!(state, Ended::Live));
    api.read(move |views| {
        Answer::done(&views.change_requests(whose, wanted.deployment.as_deref(), live, wanted.cursor, limit)?)
    })
    .await
}

/// Count what waits for the caller: requests to review, own requests, uses of break-glass to acknowledge.
#[utoipa::path(get, path = "/change-requests/counts", tag = "change requests",
    responses((status = 200, body = WaitingCounts)))]
pub(super) async fn counts(api: ApiFor, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.read(|views| Ok(Answer::done(&views.waiting_counts()?)?.hashed())).await
}
