//! Rollouts: from one revision to another, back again, and what would happen.

mod list;
mod moves;
mod rehearse;
mod rollback;
mod show;
mod start;

use domain::ledger::Deployment;
use domain::wire::StartRollout;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;
use crate::api::{Answer, Resource, Views};
use crate::commands::{self, Refusal, Started};

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(routes!(list::list, start::start))
        .routes(routes!(show::show))
        .routes(routes!(moves::pause))
        .routes(routes!(moves::resume))
        .routes(routes!(moves::cancel))
        .routes(routes!(rollback::rollback))
        .routes(routes!(rehearse::rehearse))
}

/// A rollout that has just been started, or the rehearsal of one that would change nothing.
fn started(views: &Views<'_>, row: &Deployment, started: &Started, request: &StartRollout) -> Result<Answer, Refusal> {
    match *started {
        Started::Rollout(number) => {
            let view = views.rollout_of(row, number)?;
            Ok(Answer::accepted(Resource::Rollout(row.name.clone(), number), &view)?.hashed())
        }
        Started::Unchanged => Answer::done(&commands::rehearse(views.moment(), row, request)?),
    }
}
