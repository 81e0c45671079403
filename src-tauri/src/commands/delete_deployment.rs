//! Asks for a deployment to be removed: its replicas are drained and stopped, then it is gone. Its history stays.

use domain::action::Action;
use domain::event::Event;

use super::start_rollout::supersede;
use super::{Act, Refusal};
use domain::ledger::Deployment;

/// Asks for it; a rollout in progress ends superseded.
///
/// # Errors
/// `operation_in_progress`, `precondition_failed`; those of the store.
pub fn delete_deployment(act: &mut Act<'_, '_>, row: &Deployment, note: Option<String>) -> Result<(), Refusal> {
    act.allow(row, Action::Delete)?;
    supersede(act, row)?;
    act.writing.append(Some(&row.id), Event::DeleteRequested { note })?;
    Ok(())
}
