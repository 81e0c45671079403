//! Pauses, resumes or cancels the rollout in progress.

use domain::event::Event;
use domain::id::{Generation, RolloutNumber};
use domain::rollout::{self, RolloutEvent};
use domain::wire::ErrorCode;

use super::{Refusal, check_generation};
use crate::store::Writing;
use domain::ledger::Deployment;

/// Lets `event` happen to rollout `number`.
///
/// # Errors
/// `not_found`, `rollout_forbids`, `precondition_failed`; those of the store.
pub fn move_rollout(
    writing: &mut Writing<'_>,
    row: &Deployment,
    number: RolloutNumber,
    event: RolloutEvent,
    expected: Option<Generation>,
) -> Result<(), Refusal> {
    check_generation(row, expected)?;
    let rollout = writing
        .reading()
        .rollout(&row.id, number)?
        .ok_or_else(|| Refusal::new(ErrorCode::NotFound, format!("{} has no rollout {number}.", row.name)))?;
    let phase = rollout::next(rollout.phase, event)?;
    let moved = Event::RolloutMoved { number, event, phase, problem: None, receipt: rollout.receipt, blameless: false };
    writing.append(Some(&row.id), moved)?;
    Ok(())
}
