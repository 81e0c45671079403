//! Pauses, resumes and cancels a rollout.

use std::sync::Arc;

use axum::extract::State;
use domain::id::RolloutNumber;
use domain::rollout::RolloutEvent;
use domain::wire::RolloutView;

use crate::commands::{self, Refusal};
use crate::http::answer::Answer;
use crate::http::requests::{At, IfMatch, Sent, WithoutBody};
use crate::http::serving::Serving;
use crate::http::views;

type Named = At<(String, RolloutNumber)>;

/// Pause a rollout. `If-Match` names the deployment's `ETag`.
#[utoipa::path(post, path = "/deployments/{d}/rollouts/{n}/pause", tag = "rollouts", responses((status = 200, body = RolloutView)))]
pub(super) async fn pause(
    State(serving): State<Arc<Serving>>,
    named: Named,
    if_match: IfMatch,
    sent: Sent<WithoutBody>,
) -> Result<Answer, Refusal> {
    happens(&serving, named, if_match, sent, RolloutEvent::Pause).await
}

/// Let a paused rollout go on. `If-Match` names the deployment's `ETag`.
#[utoipa::path(post, path = "/deployments/{d}/rollouts/{n}/resume", tag = "rollouts", responses((status = 200, body = RolloutView)))]
pub(super) async fn resume(
    State(serving): State<Arc<Serving>>,
    named: Named,
    if_match: IfMatch,
    sent: Sent<WithoutBody>,
) -> Result<Answer, Refusal> {
    happens(&serving, named, if_match, sent, RolloutEvent::Resume).await
}

/// Stop a rollout and go back to the revision before. `If-Match` names the deployment's `ETag`.
#[utoipa::path(post, path = "/deployments/{d}/rollouts/{n}/cancel", tag = "rollouts", responses((status = 200, body = RolloutView)))]
pub(super) async fn cancel(
    State(serving): State<Arc<Serving>>,
    named: Named,
    if_match: IfMatch,
    sent: Sent<WithoutBody>,
) -> Result<Answer, Refusal> {
    happens(&serving, named, if_match, sent, RolloutEvent::Cancel).await
}

async fn happens(
    serving: &Arc<Serving>,
    At((d, number)): Named,
    if_match: IfMatch,
    Sent { once, .. }: Sent<WithoutBody>,
    event: RolloutEvent,
) -> Result<Answer, Refusal> {
    serving
        .write(once, move |api, writing| {
            let row = commands::find(&writing.reading(), &d)?;
            commands::move_rollout(writing, &row, number, event, if_match.expected(&row)?)?;
            let moved = super::find(&writing.reading(), &row, number)?;
            Ok(Answer::ok(&views::rollout(api, &writing.reading(), &row.id, moved)?)?.hashed())
        })
        .await
}
