//! The rehearsal of a rollout, without anything happening (CO-1, CO-2).

use domain::change::Change;
use domain::compat::Report;
use domain::configuration::Configuration;
use domain::diff;
use domain::exact_plan::PlanApply;
use domain::policy::GatedAction;
use domain::rehearsal::{self, DRAIN_MS, Rehearse, Running, STARTUP_MS};
use domain::rollout::RolloutKind;
use domain::wire::{ErrorCode, RehearseView, StartRollout};

use super::capacity::{Fitting, beginning_with, fitting};
use super::compat::compatibility;
use super::create_configuration::in_use;
use super::quarantine::known_bad;
use super::{Moment, Refusal, Selection};
use domain::ledger::Deployment;

/// Plays the rollout that `request` asks for against the configuration in use.
///
/// # Errors
/// Those of [`Selection::resolve`] and of the strategy.
pub fn rehearse(moment: Moment<'_>, row: &Deployment, request: &StartRollout) -> Result<RehearseView, Refusal> {
    let reading = &moment.reading;
    let strategy = request.strategy.on(row.terms.strategy);
    strategy.check()?;
    let selection = Selection { from: request.configuration.clone(), set: request.set.clone() };
    let current = in_use(reading, row)?.configuration;
    let candidate = selection.resolve(reading, row)?;
    let runs = row.last_good.is_some();
    let tried = reading.latest_check(&row.id, &candidate)?.and_then(|check| check.trial?.startup_ms);
    let running = if runs { Running::between(&current, &candidate, moment.traits(row)) } else { Running::Replaced };
    let desired = beginning_with(row, Some(&current).filter(|_| runs), &candidate);
    let (fit, no_room) = match fitting(moment, row, &candidate, desired, running, strategy) {
        Ok(fit) => (fit, None),
        Err(refusal) if refusal.code == ErrorCode::InsufficientCapacity => {
            (Fitting::of(strategy), Some(refusal.detail))
        }
        Err(refusal) => return Err(refusal),
    };
    let question = Rehearse {
        current: if runs { current.desired(row.scale) } else { 0 },
        desired,
        running,
        strategy: fit.played,
        startup_ms: tried.and_then(|ms| u32::try_from(ms).ok()).unwrap_or(STARTUP_MS),
        drain_ms: DRAIN_MS,
        // The requests that are under way were let in by the configuration in use.
        drain_limit_ms: current.drain_limit_ms().max(candidate.drain_limit_ms()),
        scoring_timeout_ms: current.scoring_timeout_ms,
    };
    let mut plan = rehearsal::rehearse(&question);
    plan.warnings.extend(fit.warning);
    plan.warnings.extend(fit.asks.clone());
    let strategy = fit.strategy;
    let compatibility = compatibility(moment, row, &current, &candidate)?;
    Ok(RehearseView {
        unchanged: row.intended.is_some() && current.content_hash() == candidate.content_hash(),
        diff: diff::between(&current, &candidate, moment.traits(row)),
        plan,
        strategy,
        quarantined: known_bad(reading, row, &candidate)?,
        no_room,
        needs_go_ahead: fit.asks,
        not_enforced: moment.machine(row).not_enforced(&candidate.resources),
        plan_hash: hash_of(moment, row, request, &candidate, compatibility.as_ref())?,
        compatibility,
        configuration: candidate,
    })
}

/// The hash of the plan that would be carried out at once.
fn hash_of(
    moment: Moment<'_>,
    row: &Deployment,
    request: &StartRollout,
    candidate: &Configuration,
    report: Option<&Report>,
) -> Result<String, Refusal> {
    let used = in_use(&moment.reading, row)?;
    let change = Change {
        strategy: request.strategy.on(row.terms.strategy),
        on_failure: request.on_failure.unwrap_or(row.terms.on_failure),
        reason: request.reason,
        note: request.note.clone(),
        quarantine_override: request.quarantine_override.clone(),
        accept_warnings: request.accept_warnings,
        compatibility: report.cloned(),
        ..row.change_to(RolloutKind::Update, used.id, candidate, 0)
    };
    Ok(moment.plan_of_change(row, GatedAction::Replace, &change, candidate, PlanApply::now())?.hash())
}
