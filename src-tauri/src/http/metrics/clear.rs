//! Removes what is kept of a deployment's requests over a time (DR-11).

use domain::wire::{ClearStatistics, ClearedStatistics};

use crate::api::{Answer, ApiFor};
use crate::commands::{self, Refusal};
use crate::http::requests::{IfMatch, JsonBody, PathParams};

/// Clear the statistics of a deployment: of one model version or of all, over a time or up to now. The time is rounded outward
/// to whole minutes, and further back than 31 days to whole hours; the answer says which time is cleared. That is done a moment
/// later. Receipts of rollouts, records of requests and the counters at `/metrics` stay.
#[utoipa::path(post, path = "/deployments/{d}/clear-statistics", tag = "metrics", request_body = ClearStatistics,
    responses((status = 200, body = ClearedStatistics)))]
pub(super) async fn clear(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    if_match: IfMatch,
    JsonBody { body, key }: JsonBody<ClearStatistics>,
) -> Result<Answer, Refusal> {
    api.write(key, move |_, act| {
        let row = act.on(&d, &if_match.expected())?;
        Answer::done(&commands::clear_statistics(act, &row, &body)?)
    })
    .await
}
