//! Takes a deployment's replicas away until it is activated again; its URL answers 503 meanwhile (DR-12).

use domain::deployment::OperationKind;
use domain::event::Event;
use domain::id::Generation;

use super::{Refusal, check_generation, check_status, check_text, take_over};
use crate::store::Writing;
use domain::ledger::Deployment;

/// Asks for it; a rollout in progress ends superseded.
///
/// # Errors
/// `status_forbids_update`, `operation_in_progress`, `precondition_failed`, `invalid_field`; those of the store.
pub fn deactivate(
    writing: &mut Writing<'_>,
    row: &Deployment,
    note: Option<String>,
    expected: Option<Generation>,
) -> Result<(), Refusal> {
    check_generation(row, expected)?;
    check_text("note", note.as_deref())?;
    take_over(writing, row, OperationKind::Deactivate)?;
    check_status(row, OperationKind::Deactivate)?;
    writing.append(Some(&row.id), Event::Deactivated { note })?;
    Ok(())
}
