//! Rolls back: a new rollout to the configuration of an earlier revision (VX-5).

use domain::ledger::Deployment;
use domain::wire::{ErrorCode, Rollback, StartRollout};

use super::last_good::last_good;
use super::start_rollout::{Vetting, start};
use super::{Act, Refusal, Started};

/// Starts a rollout to the revision that is named, else to the last good one whose content is not the one in use.
///
/// # Errors
/// `no_earlier_revision`, `undoes_rollback`, and those of [`super::start_rollout`].
pub fn rollback(act: &mut Act<'_, '_>, row: &Deployment, request: &Rollback) -> Result<Started, Refusal> {
    let revision = match request.to {
        Some(number) => {
            act.reading().revisions(&row.id)?.into_iter().find(|revision| revision.number == number).ok_or_else(
                || Refusal::new(ErrorCode::NoEarlierRevision, format!("{} has no revision {number}.", row.name)),
            )?
        }
        None => last_good(act.moment(), row)?,
    };
    let rollout = StartRollout {
        configuration: Some(revision.configuration),
        strategy: request.strategy,
        on_failure: request.on_failure,
        quarantine_override: request.quarantine_override.clone(),
        reason: request.reason,
        note: request.note.clone(),
        on_top_of: request.on_top_of,
        apply: request.apply.clone(),
        break_glass: request.break_glass.clone(),
        ..StartRollout::default()
    };
    let vetting = if act.moment().is_last_good(row, revision.number)? { Vetting::LastGood } else { Vetting::HasRun };
    start(act, row, &rollout, vetting(revision.number))
}
