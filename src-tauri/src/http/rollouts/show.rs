//! Shows a rollout.

use std::sync::Arc;

use axum::extract::State;
use domain::id::RolloutNumber;
use domain::wire::RolloutView;

use crate::commands::{self, Refusal};
use crate::http::answer::Answer;
use crate::http::requests::{At, WithoutQuery};
use crate::http::serving::Serving;
use crate::http::views;

/// Read a rollout: phase, steps with reasons and times, deadline, receipt.
#[utoipa::path(get, path = "/deployments/{d}/rollouts/{n}", tag = "rollouts", responses((status = 200, body = RolloutView)))]
pub(super) async fn show(
    State(serving): State<Arc<Serving>>,
    At((d, number)): At<(String, RolloutNumber)>,
    _: WithoutQuery,
) -> Result<Answer, Refusal> {
    serving
        .read(move |api, reading| {
            let row = commands::find(reading, &d)?;
            let found = super::find(reading, &row, number)?;
            Ok(Answer::ok(&views::rollout(api, reading, &row.id, found)?)?.hashed())
        })
        .await
}
