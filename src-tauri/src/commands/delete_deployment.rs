//! Asks for a deployment to be removed: its replicas are drained and stopped, then it is gone. Its history stays.

use domain::action::Action;
use domain::event::Event;
use domain::exact_plan::ExactPlan;
use domain::ledger::Deployment;
use domain::policy::GatedAction;
use domain::wire::DeleteDeployment;

use super::ask::{Asking, GateOutcome};
use super::start_rollout::supersede;
use super::{Act, Refusal, check_text};

/// Asks for it; a rollout in progress ends superseded.
///
/// # Errors
/// `operation_in_progress`, `precondition_failed`, `approval_required`, `frozen`; those of the store.
pub fn delete_deployment(
    act: &mut Act<'_, '_>,
    row: &Deployment,
    request: DeleteDeployment,
) -> Result<GateOutcome, Refusal> {
    check_text("note", request.note.as_deref())?;
    let asking = Asking::of(act, &request.apply, request.break_glass)?;
    let plan = ExactPlan { note: request.note.clone(), ..act.moment().plan(row, GatedAction::Delete, asking.apply())? };
    asking.settle(act, row, plan, |act, _| carry_out(act, row, request.note))
}

/// The same without a question.
pub(super) fn carry_out(act: &mut Act<'_, '_>, row: &Deployment, note: Option<String>) -> Result<(), Refusal> {
    act.allow(row, Action::Delete)?;
    supersede(act, row)?;
    act.writing.append(Some(&row.id), Event::DeleteRequested { note })?;
    Ok(())
}
