//! Pauses, resumes and cancels a rollout.

use domain::id::RolloutNumber;
use domain::rollout::RolloutEvent;
use domain::wire::RolloutView;

use crate::api::Answer;
use crate::api::ApiFor;
use crate::commands::{self, Refusal};
use crate::http::requests::{IfMatch, JsonBody, PathParams, WithoutBody};

type Named = PathParams<(String, RolloutNumber)>;

/// Pause a rollout. `If-Match` names the deployment's `ETag`.
#[utoipa::path(post, path = "/deployments/{d}/rollouts/{n}/pause", tag = "rollouts", responses((status = 200, body = RolloutView)))]
pub(super) async fn pause(
    api: ApiFor,
    named: Named,
    if_match: IfMatch,
    sent: JsonBody<WithoutBody>,
) -> Result<Answer, Refusal> {
    happens(&api, named, if_match, sent, RolloutEvent::Pause).await
}

/// Let a paused rollout go on. `If-Match` names the deployment's `ETag`.
#[utoipa::path(post, path = "/deployments/{d}/rollouts/{n}/resume", tag = "rollouts", responses((status = 200, body = RolloutView)))]
pub(super) async fn resume(
    api: ApiFor,
    named: Named,
    if_match: IfMatch,
    sent: JsonBody<WithoutBody>,
) -> Result<Answer, Refusal> {
    happens(&api, named, if_match, sent, RolloutEvent::Resume).await
}

/// Stop a rollout and go back to the revision before. `If-Match` names the deployment's `ETag`.
#[utoipa::path(post, path = "/deployments/{d}/rollouts/{n}/cancel", tag = "rollouts", responses((status = 200, body = RolloutView)))]
pub(super) async fn cancel(
    api: ApiFor,
    named: Named,
    if_match: IfMatch,
    sent: JsonBody<WithoutBody>,
) -> Result<Answer, Refusal> {
    happens(&api, named, if_match, sent, RolloutEvent::Cancel).await
}

async fn happens(
    api: &ApiFor,
    PathParams((d, number)): Named,
    if_match: IfMatch,
    JsonBody { key, .. }: JsonBody<WithoutBody>,
    event: RolloutEvent,
) -> Result<Answer, Refusal> {
    api.write(key, move |api, act| {
        let row = act.on(&d, &if_match.expected())?;
        commands::move_rollout(act, &row, number, event)?;
        Ok(Answer::done(&api.views(act).rollout_of(&row, number)?)?.hashed())
    })
    .await
}
