//! Takes a deployment's replicas away until it is activated again; its URL answers 503 meanwhile (DR-12).

use domain::action::Action;
use domain::event::Event;
use domain::exact_plan::ExactPlan;
use domain::ledger::Deployment;
use domain::policy::GatedAction;
use domain::wire::Operate;

use super::ask::{Asking, GateOutcome};
use super::gated::status_values;
use super::start_rollout::supersede;
use super::{Act, Refusal, check_text};

/// Asks for it; a rollout in progress ends superseded.
///
/// # Errors
/// `status_forbids_update`, `operation_in_progress`, `precondition_failed`, `invalid_field`, `approval_required`; those of
/// the store.
pub fn deactivate(act: &mut Act<'_, '_>, row: &Deployment, request: Operate) -> Result<GateOutcome, Refusal> {
    check_text("note", request.note.as_deref())?;
    let asking = Asking::of(act, &request.apply, request.break_glass)?;
    let plan = act.moment().plan(row, GatedAction::Status, asking.apply())?;
    let plan = ExactPlan { note: request.note.clone(), values: status_values(row, false), ..plan };
    asking.settle(act, row, plan, |act, _| carry_out(act, row, request.note))
}

/// The same without a question.
pub(super) fn carry_out(act: &mut Act<'_, '_>, row: &Deployment, note: Option<String>) -> Result<(), Refusal> {
    act.allow(row, Action::Deactivate)?;
    supersede(act, row)?;
    act.writing.append(Some(&row.id), Event::Deactivated { note })?;
    Ok(())
}
