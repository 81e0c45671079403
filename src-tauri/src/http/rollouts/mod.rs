//! Rollouts: from one revision to another, back again, and what would happen.

mod list;
mod moves;
mod rehearse;
mod rollback;
mod show;
mod start;

use std::sync::Arc;

use domain::id::RolloutNumber;
use domain::wire::ErrorCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::Answer;
use super::serving::Serving;
use super::{Api, views};
use crate::commands::Refusal;
use crate::store::Reading;
use domain::ledger::{Deployment, Rollout};

pub(super) fn routes() -> OpenApiRouter<Arc<Serving>> {
    OpenApiRouter::new()
        .routes(routes!(list::list, start::start))
        .routes(routes!(show::show))
        .routes(routes!(moves::pause))
        .routes(routes!(moves::resume))
        .routes(routes!(moves::cancel))
        .routes(routes!(rollback::rollback))
        .routes(routes!(rehearse::rehearse))
}

fn find(reading: &Reading<'_>, row: &Deployment, number: RolloutNumber) -> Result<Rollout, Refusal> {
    let found = reading.rollout(&row.id, number)?;
    found.ok_or_else(|| Refusal::new(ErrorCode::NotFound, format!("{} has no rollout {number}.", row.name)))
}

/// A rollout that has just been started.
fn accepted(api: &Api, reading: &Reading<'_>, row: &Deployment, number: RolloutNumber) -> Result<Answer, Refusal> {
    let view = views::rollout(api, reading, &row.id, find(reading, row, number)?)?;
    Ok(Answer::accepted(format!("/api/v1/deployments/{}/rollouts/{number}", row.name), &view)?.hashed())
}
