//! Rollouts to the configuration in use: every replica anew, or those of a deactivated deployment back (DR-12).

use domain::action::Action;
use domain::change::Change;
use domain::id::RolloutNumber;
use domain::rehearsal::Running;
use domain::rollout::RolloutKind;
use domain::wire::Operate;

use super::capacity::fitting;
use super::create_configuration::in_use;
use super::start_rollout::begin;
use super::{Act, Refusal, check_text};
use domain::ledger::Deployment;

/// Replaces every replica by one like it, as the strategy says. A failure does what the deployment's failure mode says.
///
/// # Errors
/// `status_forbids_update`, `operation_in_progress`, `insufficient_capacity`, `precondition_failed`,
/// `invalid_field`; those of the store.
pub fn relaunch(act: &mut Act<'_, '_>, row: &Deployment, request: &Operate) -> Result<RolloutNumber, Refusal> {
    again(act, row, request, (RolloutKind::Relaunch, Action::Relaunch))
}

/// Brings back the replicas of a deactivated deployment. When that fails there is nothing to go back to.
///
/// # Errors
/// As [`relaunch`].
pub fn activate(act: &mut Act<'_, '_>, row: &Deployment, request: &Operate) -> Result<RolloutNumber, Refusal> {
    again(act, row, request, (RolloutKind::Activate, Action::Activate))
}

fn again(
    act: &mut Act<'_, '_>,
    row: &Deployment,
    request: &Operate,
    (kind, action): (RolloutKind, Action),
) -> Result<RolloutNumber, Refusal> {
    check_text("note", request.note.as_deref())?;
    act.allow(row, action)?;
    let strategy = request.strategy.on(row.terms.strategy);
    strategy.check()?;
    let configuration = in_use(&act.reading(), row)?;
    let candidate = &configuration.configuration;
    let desired = candidate.desired(row.scale);
    let fit = fitting(act.moment(), row, candidate, desired, Running::Replaced, strategy)?;
    let strategy = fit.accepted(row, request.accept_warnings)?;
    let change = row.change_to(kind, configuration.id, &configuration.configuration, desired);
    let change = Change { strategy, note: request.note.clone(), ..change };
    begin(act, row, &configuration.configuration, change)
}
