//! The answer to a rollout that was asked for.

use domain::ledger::Deployment;
use domain::wire::StartRollout;

use crate::api::{Answer, Resource, Views};
use crate::commands::{self, Refusal, Started};

/// A rollout that has just been started, or the rehearsal of one that would change nothing.
pub(super) fn started(
    views: &Views<'_>,
    row: &Deployment,
    started: &Started,
    request: &StartRollout,
) -> Result<Answer, Refusal> {
    match started {
        Started::Rollout(number) => {
            let view = views.rollout_of(row, *number)?;
            Ok(Answer::accepted(Resource::Rollout(row.name.clone(), *number), &view)?.hashed())
        }
        Started::Asked(id) => Answer::accepted(Resource::Request(id.clone()), &views.change_request(id)?),
        Started::Unchanged => Answer::done(&commands::rehearse(views.moment(), row, request)?),
    }
}
