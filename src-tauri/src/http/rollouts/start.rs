//! Starts a rollout.

use std::sync::Arc;

use axum::extract::State;
use domain::wire::{RehearseView, RolloutView, StartRollout};

use super::rehearse;
use crate::commands::{self, Refusal, Started};
use crate::http::answer::Answer;
use crate::http::requests::{At, IfMatch, Sent};
use crate::http::serving::Serving;

/// Start a rollout. Answers 200 and changes nothing when equal content is in use already, and for a dry run.
/// `If-Match` names the deployment's `ETag`.
#[utoipa::path(post, path = "/deployments/{d}/rollouts", tag = "rollouts", request_body = StartRollout,
    responses((status = 202, body = RolloutView), (status = 200, body = RehearseView)))]
pub(super) async fn start(
    State(serving): State<Arc<Serving>>,
    At(d): At<String>,
    if_match: IfMatch,
    Sent { body, once }: Sent<StartRollout>,
) -> Result<Answer, Refusal> {
    if body.dry_run {
        return serving.ask(once, move |api, reading| rehearse::answer(api, reading, &d, &body)).await;
    }
    serving
        .write(once, move |api, writing| {
            let row = commands::find(&writing.reading(), &d)?;
            match commands::start_rollout(
                writing,
                &row,
                &body,
                &api.live.machine(&row.target),
                if_match.expected(&row)?,
            )? {
                Started::Rollout(number) => super::accepted(api, &writing.reading(), &row, number),
                Started::Unchanged => rehearse::answer(api, &writing.reading(), &d, &body),
            }
        })
        .await
}
