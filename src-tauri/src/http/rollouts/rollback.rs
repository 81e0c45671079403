//! Rolls back.

use domain::wire::{RehearseView, Rollback, RolloutView, StartRollout};

use super::started;
use crate::api::Answer;
use crate::api::ApiFor;
use crate::commands::{self, Refusal};
use crate::http::requests::{IfMatch, JsonBody, PathParams};

/// Start a rollout to the configuration of an earlier revision. `If-Match` names the deployment's `ETag`.
#[utoipa::path(post, path = "/deployments/{d}/rollback", tag = "rollouts", request_body = Rollback,
    responses((status = 202, body = RolloutView), (status = 200, body = RehearseView)))]
pub(super) async fn rollback(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    if_match: IfMatch,
    JsonBody { body, key }: JsonBody<Rollback>,
) -> Result<Answer, Refusal> {
    api.write(key, move |api, act| {
        let row = act.on(&d, &if_match.expected())?;
        let outcome = commands::rollback(act, &row, &body)?;
        let nothing = StartRollout { strategy: body.strategy, ..StartRollout::default() };
        started::started(api, act, &row, &outcome, &nothing)
    })
    .await
}
