//! Takes a deployment's replicas away until it is activated again; its URL answers 503 meanwhile (DR-12).

use domain::action::Action;
use domain::event::Event;

use super::start_rollout::supersede;
use super::{Act, Refusal, check_text};
use domain::ledger::Deployment;

/// Asks for it; a rollout in progress ends superseded.
///
/// # Errors
/// `status_forbids_update`, `operation_in_progress`, `precondition_failed`, `invalid_field`; those of the store.
pub fn deactivate(act: &mut Act<'_, '_>, row: &Deployment, note: Option<String>) -> Result<(), Refusal> {
    check_text("note", note.as_deref())?;
    act.allow(row, Action::Deactivate)?;
    supersede(act, row)?;
    act.writing.append(Some(&row.id), Event::Deactivated { note })?;
    Ok(())
}
