//! Removes an earlier revision, so that nobody can go back to it any more (VX-8). Its history stays.

use domain::event::Event;
use domain::id::{Generation, RevisionNumber};
use domain::revision::RevisionState;
use domain::wire::ErrorCode;

use super::quarantine::find;
use super::{Refusal, check_generation};
use crate::store::Writing;
use domain::ledger::Deployment;

/// Removes it.
///
/// # Errors
/// `not_found`, `revision_in_use`, `precondition_failed`; those of the store.
pub fn remove_revision(
    writing: &mut Writing<'_>,
    row: &Deployment,
    number: RevisionNumber,
    expected: Option<Generation>,
) -> Result<(), Refusal> {
    check_generation(row, expected)?;
    let reading = writing.reading();
    let revision = find(&reading, row, number)?;
    let runs = reading.replicas(&row.id)?.iter().any(|replica| replica.revision == number);
    let is_needed = [row.intended, row.last_good, row.survivors_of, Some(row.shown_revision())].contains(&Some(number));
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
    writing.append(Some(&row.id), Event::RevisionRemoved { number })?;
    Ok(())
}
