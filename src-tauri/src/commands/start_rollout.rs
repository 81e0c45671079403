//! Starts a rollout to a configuration, on top of the one in progress if that is named (VX-2, VX-5, VX-6).

use domain::action::{Action, Why};
use domain::change::{Change, plan_hash};
use domain::configuration::Configuration;
use domain::event::Event;
use domain::id::{RevisionNumber, RolloutNumber};
use domain::receipt::Receipt;
use domain::rehearsal::Running;
use domain::rollout::{self, RolloutEvent, RolloutKind};
use domain::wire::{ErrorCode, StartRollout};

use super::capacity::{beginning_with, fitting};
use super::compat::{check_compatible, compatibility};
use super::create_configuration::{create_configuration, existing, in_use};
use super::quarantine::check_known_bad;
use super::{Act, Refusal, Selection, check_text};
use crate::store::tables::configurations::ConfigurationRow;
use domain::ledger::Deployment;

/// The outcome of the request.
#[derive(Debug)]
pub enum Started {
    /// A rollout has begun.
    Rollout(RolloutNumber),
    /// Equal content is in use, so nothing was done (RAY-1).
    Unchanged,
}

/// Starts it.
///
/// # Errors
/// `configuration_in_use`, `nothing_to_change`, `status_forbids_update`, `operation_in_progress`,
/// `revision_quarantined`, `incompatible`, `warnings_not_accepted`, `insufficient_capacity`, `precondition_failed`,
/// `unknown_configuration`,
/// `unknown_model`, `invalid_field`; those of the store.
pub fn start_rollout(act: &mut Act<'_, '_>, row: &Deployment, request: &StartRollout) -> Result<Started, Refusal> {
    start(act, row, request, Vetting::Checks)
}

/// The checks between a candidate and its rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vetting {
    /// The compatibility report must allow it.
    Checks,
    /// It goes back to this revision, which has run here before: going back is never held up.
    HasRun(RevisionNumber),
}

pub(super) fn start(
    act: &mut Act<'_, '_>,
    row: &Deployment,
    request: &StartRollout,
    vetting: Vetting,
) -> Result<Started, Refusal> {
    let strategy = request.strategy.on(row.terms.strategy);
    strategy.check()?;
    check_text("note", request.note.as_deref())?;
    check_something_sent(row, request)?;
    act.allow_on_top_of(request.on_top_of, row, Action::Update)?;
    let current = in_use(&act.reading(), row)?;
    let Some(configuration) = to_configuration(act, row, request, &current)? else {
        return Ok(Started::Unchanged);
    };
    let candidate = &configuration.configuration;
    check_known_bad(&act.reading(), row, candidate, request.quarantine_override.as_deref())?;
    let report = compatibility(act.moment(), row, &current.configuration, candidate)?;
    if let (Some(report), Vetting::Checks) = (&report, vetting) {
        check_compatible(report, row, request.accept_warnings)?;
    }
    let running = match row.last_good {
        Some(_) => Running::between(&current.configuration, candidate, act.moment().traits(row)),
        None => Running::Replaced,
    };
    let desired = beginning_with(row, row.last_good.map(|_| &current.configuration), candidate);
    let fit = fitting(act.moment(), row, candidate, desired, running, strategy)?;
    // Going back is never held up.
    let strategy = fit.accepted(row, request.accept_warnings || vetting != Vetting::Checks)?;
    let change = Change {
        strategy,
        on_failure: request.on_failure.unwrap_or(row.terms.on_failure),
        rolled_back_to: match vetting {
            Vetting::Checks => None,
            Vetting::HasRun(revision) => Some(revision),
        },
        reason: request.reason,
        note: request.note.clone(),
        quarantine_override: request.quarantine_override.clone(),
        compatibility: report,
        ..row.change_to(RolloutKind::Update, configuration.id.clone(), candidate, desired)
    };
    begin(act, row, candidate, change).map(Started::Rollout)
}

fn check_something_sent(row: &Deployment, request: &StartRollout) -> Result<(), Refusal> {
    let empty = request.set.as_ref().is_none_or(|set| set.as_object().is_some_and(serde_json::Map::is_empty));
    if request.configuration.is_none() && empty {
        return Err(Refusal::new(
            ErrorCode::NothingToChange,
            format!(
                "The update of {} names no configuration and sets nothing. Send \"configuration\", or the fields to change in \"set\".",
                row.name
            ),
        ));
    }
    Ok(())
}

/// The configuration to roll out, kept if it is new; none when equal content is in use.
fn to_configuration(
    act: &mut Act<'_, '_>,
    row: &Deployment,
    request: &StartRollout,
    current: &ConfigurationRow,
) -> Result<Option<ConfigurationRow>, Refusal> {
    // After a failed first rollout nothing is in use, and the same configuration may be tried again.
    let used = row.intended.is_some();
    let selection = Selection { from: request.configuration.clone(), set: request.set.clone() };
    let candidate = selection.resolve(&act.reading(), row)?;
    let named = request.configuration.as_ref().filter(|_| request.set.is_none());
    if let (Some(id), true) = (named, used)
        && *id == current.id
    {
        return Err(Refusal::new(
            ErrorCode::ConfigurationInUse,
            format!(
                "{} already uses configuration {} ({id}). Choose another one.",
                row.name, current.configuration.name
            ),
        )
        .with("configuration", id.as_str()));
    }
    if used && candidate.content_hash() == current.configuration.content_hash() {
        return Ok(None);
    }
    match named {
        Some(id) => existing(&act.reading(), row, id).map(Some),
        None => create_configuration(act, Some(row), candidate).map(Some),
    }
}

/// Ends the rollout in progress, if there is one, as superseded.
pub(super) fn supersede(act: &mut Act<'_, '_>, row: &Deployment) -> Result<(), Refusal> {
    let Some(number) = row.rollout else { return Ok(()) };
    let current = act.reading().rollout(&row.id, number)?;
    let (phase, receipt) = current.map_or((rollout::Phase::Pending, Receipt::default()), |r| (r.phase, r.receipt));
    let phase = rollout::next(phase, RolloutEvent::Supersede).map_err(|why| Refusal::because(&Why::Phase(why), row))?;
    let event = RolloutEvent::Supersede;
    act.writing.append(
        Some(&row.id),
        Event::RolloutMoved { number, event, phase, problem: None, receipt, blameless: false },
    )?;
    Ok(())
}

/// Ends the rollout in progress as superseded, and starts the next: `change`, to `configuration`.
pub(super) fn begin(
    act: &mut Act<'_, '_>,
    row: &Deployment,
    configuration: &Configuration,
    change: Change,
) -> Result<RolloutNumber, Refusal> {
    supersede(act, row)?;
    let number = row.newest_rollout.next();
    let to_revision = row.newest_revision.next();
    let plan_hash = plan_hash(configuration, change.from_revision, &change.strategy, change.on_failure);
    let (supersedes, change) = (row.rollout, Box::new(change));
    act.writing.append(Some(&row.id), Event::RolloutStarted { number, to_revision, plan_hash, supersedes, change })?;
    Ok(number)
}
