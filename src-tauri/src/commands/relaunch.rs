//! Rollouts to the configuration in use: every replica anew, or those of a deactivated deployment back (DR-12).

use domain::change::Change;
use domain::deployment::OperationKind;
use domain::id::{Generation, RolloutNumber};
use domain::rehearsal::Running;
use domain::resources::Machine;
use domain::rollout::RolloutKind;
use domain::wire::Operate;

use super::capacity::fitting;
use super::create_configuration::in_use;
use super::start_rollout::begin;
use super::{Refusal, check_generation, check_idle, check_status, check_text};
use crate::store::Writing;
use domain::ledger::Deployment;

/// Replaces every replica by one like it, as the strategy says. A failure does what the deployment's policy says.
///
/// # Errors
/// `status_forbids_update`, `operation_in_progress`, `insufficient_capacity`, `precondition_failed`,
/// `invalid_field`; those of the store.
pub fn relaunch(
    writing: &mut Writing<'_>,
    row: &Deployment,
    request: &Operate,
    machine: &Machine,
    expected: Option<Generation>,
) -> Result<RolloutNumber, Refusal> {
    again(writing, row, request, machine, expected, (RolloutKind::Relaunch, OperationKind::Relaunch))
}

/// Brings back the replicas of a deactivated deployment. When that fails there is nothing to go back to.
///
/// # Errors
/// As [`relaunch`].
pub fn activate(
    writing: &mut Writing<'_>,
    row: &Deployment,
    request: &Operate,
    machine: &Machine,
    expected: Option<Generation>,
) -> Result<RolloutNumber, Refusal> {
    again(writing, row, request, machine, expected, (RolloutKind::Activate, OperationKind::Activate))
}

fn again(
    writing: &mut Writing<'_>,
    row: &Deployment,
    request: &Operate,
    machine: &Machine,
    expected: Option<Generation>,
    (kind, operation): (RolloutKind, OperationKind),
) -> Result<RolloutNumber, Refusal> {
    check_generation(row, expected)?;
    check_text("note", request.note.as_deref())?;
    check_idle(&writing.reading(), row)?;
    check_status(row, operation)?;
    let strategy = request.strategy.on(row.terms.strategy);
    strategy.check()?;
    let configuration = in_use(&writing.reading(), row)?;
    let candidate = &configuration.configuration;
    let desired = candidate.desired(row.scale);
    let fit = fitting(&writing.reading(), row, machine, candidate, desired, Running::Replaced, strategy)?;
    let strategy = fit.accepted(row, request.accept_warnings)?;
    let change = row.change_to(kind, configuration.id, &configuration.configuration, desired);
    let change = Change { strategy, note: request.note.clone(), ..change };
    begin(writing, row, &configuration.configuration, change)
}
