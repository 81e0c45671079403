//! The answer to a rollout that was asked for.

use domain::ledger::Deployment;
use domain::wire::StartRollout;

use crate::api::{Answer, Api, Resource};
use crate::commands::{self, Act, Refusal, Started};

/// A rollout that has just been started or asked for, or the rehearsal of one that would change nothing.
pub(super) fn started(
    api: &Api,
    act: &mut Act<'_, '_>,
    row: &Deployment,
    started: &Started,
    request: &StartRollout,
) -> Result<Answer, Refusal> {
    match started {
        Started::Rollout(number) => {
            let view = api.views(act).rollout_of(row, *number)?;
            Ok(Answer::accepted(Resource::Rollout(row.name.clone(), *number), &view)?.hashed())
        }
        Started::Asked(id) => api.asked(act, id),
        Started::Unchanged => Answer::done(&commands::rehearse(act.moment(), row, request)?),
    }
}
