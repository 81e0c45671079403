//! Rollouts to the configuration in use: every replica anew, or those of a deactivated deployment back (DR-12).

use domain::action::Action;
use domain::change::Change;
use domain::exact_plan::{ExactPlan, PlanApply};
use domain::id::RolloutNumber;
use domain::policy::GatedAction;
use domain::rehearsal::Running;
use domain::requested::Warrant;
use domain::rollout::RolloutKind;
use domain::wire::Operate;

use super::ask::{Asking, GateOutcome};
use super::capacity::fitting;
use super::create_configuration::in_use;
use super::gate::{Gated, Way, When};
use super::gated::status_values;
use super::start_rollout::begin;
use super::{Act, Refusal, check_text};
use domain::ledger::Deployment;

/// Replaces every replica by one like it, as the strategy says. A failure does what the deployment's failure mode says.
/// Nobody is asked, but a freeze holds it.
///
/// # Errors
/// `status_forbids_update`, `operation_in_progress`, `insufficient_capacity`, `precondition_failed`, `frozen`,
/// `invalid_field`; those of the store.
pub fn relaunch(act: &mut Act<'_, '_>, row: &Deployment, request: &Operate) -> Result<(), Refusal> {
    if !request.apply.is_now() {
        return Err(Refusal::invalid("apply", "apply: replicas are relaunched at once; leave it out."));
    }
    check_text("note", request.note.as_deref())?;
    act.allow(row, Action::Relaunch)?;
    match act.gate(&Gated::of(row, &[]), When::Now, request.break_glass.as_ref())? {
        Way::On(warrant) => again(act, row, request, RolloutKind::Relaunch, warrant, None).map(drop),
        Way::Ask(..) => Err(Refusal::unknown_fault()),
    }
}

/// Brings back the replicas of a deactivated deployment. When that fails there is nothing to go back to.
///
/// # Errors
/// As [`relaunch`], and `approval_required`.
pub fn activate(act: &mut Act<'_, '_>, row: &Deployment, request: Operate) -> Result<GateOutcome, Refusal> {
    check_text("note", request.note.as_deref())?;
    let asking = Asking::of(act, &request.apply, request.break_glass.clone())?;
    let plan = act.moment().plan(row, GatedAction::Status, asking.apply())?;
    let plan = ExactPlan { note: request.note.clone(), values: status_values(row, true), ..plan };
    asking.settle(act, row, plan, |act, warrant| {
        act.allow(row, Action::Activate)?;
        again(act, row, &request, RolloutKind::Activate, warrant, None).map(drop)
    })
}

/// The same without a question.
pub(super) fn carry_out_activation(
    act: &mut Act<'_, '_>,
    row: &Deployment,
    plan: &ExactPlan,
    warrant: Warrant,
) -> Result<RolloutNumber, Refusal> {
    act.allow(row, Action::Activate)?;
    // Somebody has gone ahead with all that it comes to.
    let request = Operate { note: plan.note.clone(), accept_warnings: true, ..Operate::default() };
    again(act, row, &request, RolloutKind::Activate, warrant, Some(plan.clone()))
}

fn again(
    act: &mut Act<'_, '_>,
    row: &Deployment,
    request: &Operate,
    kind: RolloutKind,
    warrant: Warrant,
    approved: Option<ExactPlan>,
) -> Result<RolloutNumber, Refusal> {
    let strategy = request.strategy.on(row.terms.strategy);
    strategy.check()?;
    let configuration = in_use(&act.reading(), row)?;
    let candidate = &configuration.configuration;
    let desired = candidate.desired(row.scale);
    let fit = fitting(act.moment(), row, candidate, desired, Running::Replaced, strategy)?;
    let strategy = fit.accepted(row, request.accept_warnings)?;
    let change = row.change_to(kind, configuration.id, &configuration.configuration, desired);
    let change = Change { strategy, note: request.note.clone(), accept_warnings: request.accept_warnings, ..change };
    let action = if kind == RolloutKind::Activate { GatedAction::Status } else { GatedAction::Replace };
    let plan = match approved {
        Some(plan) => plan,
        None => act.moment().plan_of_change(row, action, &change, &configuration.configuration, PlanApply::now())?,
    };
    begin(act, row, change, plan, warrant)
}
