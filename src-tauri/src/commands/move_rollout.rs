//! Pauses, resumes or cancels the rollout in progress.

use domain::action::{Action, Why};
use domain::event::Event;
use domain::id::RolloutNumber;
use domain::principal::PrincipalId;
use domain::rollout::{self, RolloutEvent};
use domain::wire::ErrorCode;

use super::gate::{Gated, refuse};
use super::{Act, Refusal};
use domain::ledger::Deployment;

/// Lets `event` happen to rollout `number`.
///
/// # Errors
/// `not_found`, `rollout_forbids`, `precondition_failed`; those of the store.
pub fn move_rollout(
    act: &mut Act<'_, '_>,
    row: &Deployment,
    number: RolloutNumber,
    event: RolloutEvent,
) -> Result<(), Refusal> {
    act.permit(
        row,
        match event {
            RolloutEvent::Pause => Action::Pause,
            RolloutEvent::Resume => Action::Resume,
            _ => Action::Cancel,
        },
    )?;
    if event == RolloutEvent::Resume {
        // A freeze lets nothing start again; who asks for it to go on is told until when.
        let met = act.moment().met(&Gated::of(row, &[]), &[PrincipalId::of(&act.caller().actor)], act.writing.now())?;
        refuse(&row.name, &[], &met.freezes)?;
    }
    let rollout = act
        .reading()
        .rollout(&row.id, number)?
        .ok_or_else(|| Refusal::new(ErrorCode::NotFound, format!("{} has no rollout {number}.", row.name)))?;
    let phase = rollout::next(rollout.phase, event).map_err(|why| Refusal::because(&Why::Phase(why), row))?;
    let moved = Event::RolloutMoved { number, event, phase, problem: None, receipt: rollout.receipt, blameless: false };
    act.writing.append(Some(&row.id), moved)?;
    Ok(())
}
