//! Rolls back.

use std::sync::Arc;

use axum::extract::State;
use domain::wire::{RehearseView, Rollback, RolloutView, StartRollout};

use super::rehearse;
use crate::commands::{self, Refusal, Started};
use crate::http::answer::Answer;
use crate::http::requests::{At, IfMatch, Sent};
use crate::http::serving::Serving;

/// Start a rollout to the configuration of an earlier revision. `If-Match` names the deployment's `ETag`.
#[utoipa::path(post, path = "/deployments/{d}/rollback", tag = "rollouts", request_body = Rollback,
    responses((status = 202, body = RolloutView), (status = 200, body = RehearseView)))]
pub(super) async fn rollback(
    State(serving): State<Arc<Serving>>,
    At(d): At<String>,
    if_match: IfMatch,
    Sent { body, once }: Sent<Rollback>,
) -> Result<Answer, Refusal> {
    serving
        .write(once, move |api, writing| {
            let row = commands::find(&writing.reading(), &d)?;
            match commands::rollback(writing, &row, &body, &api.live.machine(&row.target), if_match.expected(&row)?)? {
                Started::Rollout(number) => super::accepted(api, &writing.reading(), &row, number),
                Started::Unchanged => {
                    let nothing = StartRollout { strategy: body.strategy, ..StartRollout::default() };
                    rehearse::answer(api, &writing.reading(), &d, &nothing)
                }
            }
        })
        .await
}
