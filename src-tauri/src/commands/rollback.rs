//! Rolls back: a new rollout to the configuration of an earlier revision (VX-5).

use domain::id::Generation;
use domain::resources::Machine;
use domain::wire::{ErrorCode, RevisionState, Rollback, StartRollout};

use super::create_configuration::in_use;
use super::start_rollout::{Vetting, start};
use super::{Refusal, Started};
use crate::store::Writing;
use crate::store::tables::deployments::DeploymentRow;
use crate::store::tables::revisions::RevisionRow;

/// Starts a rollout to the revision that is named, else to the last good one whose content is not the one in use.
///
/// # Errors
/// `no_earlier_revision`, and those of [`super::start_rollout`].
pub fn rollback(
    writing: &mut Writing<'_>,
    row: &DeploymentRow,
    request: &Rollback,
    machine: &Machine,
    expected: Option<Generation>,
) -> Result<Started, Refusal> {
    let revisions = writing.reading().revisions(&row.id)?;
    let revision = match request.to {
        Some(number) => revisions.into_iter().find(|revision| revision.number == number).ok_or_else(|| {
            Refusal::new(ErrorCode::NoEarlierRevision, format!("{} has no revision {number}.", row.name))
        })?,
        None => last_good(writing, row, revisions)?,
    };
    let rollout = StartRollout {
        configuration: Some(revision.configuration),
        strategy: request.strategy,
        on_failure: request.on_failure,
        quarantine_override: request.quarantine_override.clone(),
        reason: request.reason,
        note: request.note.clone().or_else(|| Some(format!("Rollback to revision {}", revision.number))),
        on_top_of: request.on_top_of,
        ..StartRollout::default()
    };
    start(writing, row, &rollout, machine, expected, Vetting::HasRun)
}

/// A rollback never lands on a revision that failed or is known to be bad.
fn last_good(writing: &Writing<'_>, row: &DeploymentRow, revisions: Vec<RevisionRow>) -> Result<RevisionRow, Refusal> {
    let reading = writing.reading();
    let current = in_use(&reading, row)?.configuration.content_hash();
    for revision in revisions {
        let good =
            matches!(revision.state, RevisionState::InUse | RevisionState::Past) && revision.quarantined.is_none();
        let configuration = reading.configuration(&revision.configuration)?;
        let differs = configuration.is_some_and(|found| found.configuration.content_hash() != current);
        if good && differs {
            return Ok(revision);
        }
    }
    Err(Refusal::new(
        ErrorCode::NoEarlierRevision,
        format!(
            "{} has no earlier revision that worked and differs from the one in use. Name one with \"to\".",
            row.name
        ),
    ))
}
