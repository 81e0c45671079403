//! Asks for a candidate to be tried in a scratch replica beside its deployment (DR-2).

use domain::action::Action;
use domain::compat::CheckStep;
use domain::event::Event;
use domain::id::CheckId;
use domain::wire::{ErrorCode, StartCheck};

use super::{Act, Refusal, Selection, new_id};
use domain::ledger::CandidateCheck;
use domain::ledger::Deployment;

/// Most checks of all deployments that wait at a time.
const MOST: usize = 64;

/// Asks for it; a check of the same code that has not ended is answered instead of a second one. The deployment is not
/// touched.
///
/// # Errors
/// `unknown_configuration`, `unknown_field`, `invalid_field`, `unknown_model`, `operation_in_progress` while the
/// deployment is being deleted; those of the store.
pub fn start_check(act: &mut Act<'_, '_>, row: &Deployment, request: &StartCheck) -> Result<CandidateCheck, Refusal> {
    act.allow(row, Action::Check)?;
    let selection = Selection { from: request.configuration.clone(), set: request.set.clone() };
    let configuration = selection.resolve(&act.reading(), row)?;
    let open = act.reading().open_checks()?;
    let same = |check: &&CandidateCheck| {
        check.deployment == row.id && check.configuration.code_hash() == configuration.code_hash()
    };
    if let Some(open) = open.iter().find(same) {
        return Ok(open.clone());
    }
    if open.len() >= MOST {
        return Err(Refusal::invalid(
            "configuration",
            format!("{MOST} checks are waiting already. Try again when some have ended."),
        ));
    }
    let id: CheckId =
        new_id().parse().map_err(|error| Refusal::new(ErrorCode::Internal, format!("no id could be made: {error}")))?;
    act.writing.append(
        Some(&row.id),
        Event::CheckStarted { id: id.clone(), configuration: Box::new(configuration.clone()) },
    )?;
    Ok(CandidateCheck {
        id,
        deployment: row.id.clone(),
        configuration,
        step: CheckStep::Queued,
        actor: act.writing.actor().clone(),
        started_at: act.writing.now(),
        ended_at: None,
        trial: None,
        report: None,
    })
}
