//! Asks for a deployment to be removed: its replicas are drained and stopped, then it is gone. Its history stays.

use domain::deployment::OperationKind;
use domain::event::Event;
use domain::id::Generation;

use super::{Refusal, check_generation, take_over};
use crate::store::Writing;
use domain::ledger::Deployment;

/// Asks for it; a rollout in progress ends superseded.
///
/// # Errors
/// `operation_in_progress`, `precondition_failed`; those of the store.
pub fn delete_deployment(
    writing: &mut Writing<'_>,
    row: &Deployment,
    note: Option<String>,
    expected: Option<Generation>,
) -> Result<(), Refusal> {
    check_generation(row, expected)?;
    take_over(writing, row, OperationKind::Delete)?;
    writing.append(Some(&row.id), Event::DeleteRequested { note })?;
    Ok(())
}
