//! Starts a rollout.

use domain::wire::{RehearseView, RolloutView, StartRollout};

use super::{rehearse, started};
use crate::api::Answer;
use crate::api::ApiFor;
use crate::commands::{self, Refusal};
use crate::http::requests::{IfMatch, JsonBody, PathParams};

/// Start a rollout. Answers 200 and changes nothing when equal content is in use already, and for a dry run.
/// `If-Match` names the deployment's `ETag`.
#[utoipa::path(post, path = "/deployments/{d}/rollouts", tag = "rollouts", request_body = StartRollout,
    responses((status = 202, body = RolloutView), (status = 200, body = RehearseView)))]
pub(super) async fn start(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    if_match: IfMatch,
    JsonBody { body, key }: JsonBody<StartRollout>,
) -> Result<Answer, Refusal> {
    if body.dry_run {
        return rehearse::rehearse(api, PathParams(d), JsonBody { body, key }).await;
    }
    api.write(key, move |api, act| {
        let row = act.on(&d, &if_match.expected())?;
        let outcome = commands::start_rollout(act, &row, &body)?;
        started::started(api, act, &row, &outcome, &body)
    })
    .await
}
