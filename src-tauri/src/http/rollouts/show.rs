//! Shows a rollout.

use domain::id::RolloutNumber;
use domain::wire::RolloutView;

use crate::api::Answer;
use crate::api::ApiFor;
use crate::commands::Refusal;
use crate::http::requests::{PathParams, WithoutQuery};

/// Read a rollout: phase, steps with reasons and times, deadline, receipt.
#[utoipa::path(get, path = "/deployments/{d}/rollouts/{n}", tag = "rollouts", responses((status = 200, body = RolloutView)))]
pub(super) async fn show(
    api: ApiFor,
    PathParams((d, number)): PathParams<(String, RolloutNumber)>,
    _: WithoutQuery,
) -> Result<Answer, Refusal> {
    api.read(move |views| {
        let row = views.moment().find(&d)?;
        Ok(Answer::done(&views.rollout_of(&row, number)?)?.hashed())
    })
    .await
}
