//! A person dismisses the failure of an update: they have seen it, and it is no news to them any more.

use domain::id::RolloutNumber;
use domain::ledger::Deployment;
use domain::wire::ErrorCode;

use super::directory::allow_own_account;
use super::{Act, Refusal};

/// Dismisses the failure of a rollout for whoever asks; for everybody else it stays. Nothing of it is entered in the
/// journal, because nothing of the deployment changes.
///
/// # Errors
/// `token_scope` through an API token, which changes nothing of what its owner sees; `not_found` for a service, and for a
/// rollout that there is not; `status_forbids_update` for one that did not fail, or that another one
/// has followed; those of the store.
pub fn dismiss_failure(act: &mut Act<'_, '_>, row: &Deployment, number: RolloutNumber) -> Result<(), Refusal> {
    let who = allow_own_account(&act.moment())?.id;
    let reading = act.reading();
    let found = reading.rollout(&row.id, number)?;
    let found =
        found.ok_or_else(|| Refusal::new(ErrorCode::NotFound, format!("{} has no rollout {number}.", row.name)))?;
    if number != row.newest_rollout || !found.phase.word().is_failure() {
        let detail =
            format!("Rollout {number} is not a failure that is news: only the newest rollout is, if it failed.");
        return Err(Refusal::new(ErrorCode::StatusForbidsUpdate, detail));
    }
    let mut arranged = reading.page_preferences(&who)?;
    arranged.dismiss(row.id.clone(), number, |id| reading.deployment(id).map(|row| row.is_some()))?;
    Ok(act.writing.put_page_preferences(&who, &arranged)?)
}
