//! Removes an earlier revision, so that nobody can go back to it any more (VX-8). Its history stays.

use domain::action::Action;
use domain::event::Event;
use domain::id::RevisionNumber;
use domain::revision::RevisionState;
use domain::wire::ErrorCode;

use super::quarantine::find;
use super::{Act, Refusal};
use domain::ledger::Deployment;

/// Removes it.
///
/// # Errors
/// `not_found`, `revision_in_use`, `precondition_failed`; those of the store.
pub fn remove_revision(act: &mut Act<'_, '_>, row: &Deployment, number: RevisionNumber) -> Result<(), Refusal> {
    act.permit(row, Action::RemoveRevision)?;
    let reading = act.reading();
    let revision = find(&reading, row, number)?;
    let runs = reading.replicas(&row.id)?.iter().any(|replica| replica.revision == number);
    let is_needed = row.holds(number) || row.survivors_of == Some(number) || row.shown_revision() == number;
    if runs || is_needed || matches!(revision.state, RevisionState::InUse | RevisionState::Deploying) {
        return Err(Refusal::new(
            ErrorCode::RevisionInUse,
            format!(
                "Revision {number} of {} is in use: it runs, is being rolled out, or is the one that a failure goes back to. Move to another one first.",
                row.name
            ),
        )
        .with("revision", number.0));
    }
    act.writing.append(Some(&row.id), Event::RevisionRemoved { number })?;
    Ok(())
}
