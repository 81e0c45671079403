//! Starts a rollout to a configuration, on top of the one in progress if that is named (VX-2, VX-5, VX-6).

use domain::action::{Action, Why};
use domain::change::Change;
use domain::configuration::Configuration;
use domain::event::Event;
use domain::exact_plan::{ExactPlan, PlanApply};
use domain::id::{RequestId, RevisionNumber, RolloutNumber};
use domain::policy::GatedAction;
use domain::principal::PrincipalId;
use domain::receipt::Receipt;
use domain::rehearsal::Running;
use domain::requested::{RequestedChange, Warrant};
use domain::rollout::{self, RolloutEvent, RolloutKind};
use domain::wire::{ErrorCode, StartRollout};

use super::ask::ask;
use super::capacity::{beginning_with, fitting};
use super::compat::{check_compatible, compatibility};
use super::create_configuration::{create_configuration, existing, in_use};
use super::gate::{Gated, Way, When};
use super::quarantine::check_known_bad;
use super::{Act, Moment, Refusal, Selection, check_text};
use crate::store::tables::configurations::ConfigurationRow;
use domain::ledger::Deployment;

/// The outcome of the request.
#[derive(Debug)]
pub enum Started {
    /// A rollout has begun.
    Rollout(RolloutNumber),
    /// Equal content is in use, so nothing was done (RAY-1).
    Unchanged,
    /// It was asked for: others approve it first, or it has its time.
    Asked(RequestId),
}

/// Starts it.
///
/// # Errors
/// `configuration_in_use`, `nothing_to_change`, `status_forbids_update`, `operation_in_progress`,
/// `revision_quarantined`, `incompatible`, `warnings_not_accepted`, `insufficient_capacity`, `precondition_failed`,
/// `unknown_configuration`, `unknown_model`, `invalid_field`, `approval_required`, `frozen`, `reviewers_missing` and those
/// of its time; those of the store.
pub fn start_rollout(act: &mut Act<'_, '_>, row: &Deployment, request: &StartRollout) -> Result<Started, Refusal> {
    start(act, row, request, Vetting::Checks)
}

/// The checks between a candidate and its rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vetting {
    /// The compatibility report must allow it.
    Checks,
    /// It goes back to this revision, which has run here before: no check holds up going back.
    HasRun(RevisionNumber),
    /// It goes back to this revision, which is the last good one: nobody is asked either, and no freeze holds it.
    LastGood(RevisionNumber),
}

impl Vetting {
    /// The revision that it goes back to.
    fn goes_back_to(self) -> Option<RevisionNumber> {
        match self {
            Self::Checks => None,
            Self::HasRun(revision) | Self::LastGood(revision) => Some(revision),
        }
    }

    /// The action that stands in its plan.
    pub(super) fn action(self) -> GatedAction {
        if self == Self::Checks { GatedAction::Replace } else { GatedAction::Rollback }
    }

    /// The actions by which policies are chosen: going back further than to the last good revision is a replacement.
    pub(super) fn actions(self) -> &'static [GatedAction] {
        match self {
            Self::Checks => GatedAction::Replace.chosen_by(),
            Self::HasRun(_) => GatedAction::Rollback.chosen_by(),
            Self::LastGood(_) => &[],
        }
    }
}

pub(super) fn start(
    act: &mut Act<'_, '_>,
    row: &Deployment,
    request: &StartRollout,
    vetting: Vetting,
) -> Result<Started, Refusal> {
    request.strategy.on(row.terms.strategy).check()?;
    check_text("note", request.note.as_deref())?;
    check_something_sent(row, request)?;
    let when = When::of(&request.apply, act.writing.now())?;
    match &when {
        When::Now => act.allow_on_top_of(request.on_top_of, row, Action::Update)?,
        When::Asked(_) if request.on_top_of.is_some() => {
            let sentence = "on_top_of: only what starts at once can take over from a rollout; leave it out.";
            return Err(Refusal::invalid("on_top_of", sentence));
        }
        When::Asked(_) => act.permit(row, Action::Update)?,
    }
    let current = in_use(&act.reading(), row)?;
    let Some(configuration) = to_configuration(act, row, request, &current)? else {
        return Ok(Started::Unchanged);
    };
    let prepared = Prepared::of(act.moment(), row, configuration, request, vetting, apply_of(&when))?;
    prepared.vet(act.moment(), row)?;
    let gated = Gated { freezes: !matches!(vetting, Vetting::LastGood(_)), ..Gated::of(row, vetting.actions()) };
    let (mode, met) = match act.gate(&gated, when.clone(), request.break_glass.as_ref())? {
        Way::Ask(mode, met) => (mode, met),
        Way::On(warrant) => match (act.allow_on_top_of(request.on_top_of, row, Action::Update), when) {
            (Ok(()), _) => return prepared.begin(act, row, warrant).map(Started::Rollout),
            // What could start but for another operation waits for its end.
            (Err(busy), When::Asked(mode)) if busy.code == ErrorCode::OperationInProgress => {
                let met = act.moment().met(&gated, &[PrincipalId::of(&act.caller().actor)], act.writing.now())?;
                (mode, met)
            }
            (Err(refusal), _) => return Err(refusal),
        },
    };
    let content = prepared.content(act.moment(), row)?;
    ask(act, Some(row), content, mode, &met).map(Started::Asked)
}

fn apply_of(when: &When) -> PlanApply {
    match when {
        When::Now => PlanApply::now(),
        When::Asked(mode) => mode.into(),
    }
}

/// A rollout that could begin: what it changes, and its exact plan.
pub(super) struct Prepared {
    configuration: ConfigurationRow,
    current: Configuration,
    change: Change,
    vetting: Vetting,
    /// Its exact plan.
    pub(super) plan: ExactPlan,
}

impl Prepared {
    /// The rollout to `configuration` that `request` asks for, as it comes out now.
    pub(super) fn of(
        moment: Moment<'_>,
        row: &Deployment,
        configuration: ConfigurationRow,
        request: &StartRollout,
        vetting: Vetting,
        apply: PlanApply,
    ) -> Result<Self, Refusal> {
        let current = in_use(&moment.reading, row)?.configuration;
        let candidate = &configuration.configuration;
        let desired = beginning_with(row, row.last_good.map(|_| &current), candidate);
        let change = Change {
            strategy: request.strategy.on(row.terms.strategy),
            on_failure: request.on_failure.unwrap_or(row.terms.on_failure),
            rolled_back_to: vetting.goes_back_to(),
            reason: request.reason,
            note: request.note.clone(),
            quarantine_override: request.quarantine_override.clone(),
            accept_warnings: request.accept_warnings,
            compatibility: compatibility(moment, row, &current, candidate)?,
            ..row.change_to(RolloutKind::Update, configuration.id.clone(), candidate, desired)
        };
        let plan = moment.plan_of_change(row, vetting.action(), &change, candidate, apply)?;
        Ok(Self { configuration, current, change, vetting, plan })
    }

    /// Refuses what is known to be bad, and what its report speaks against.
    pub(super) fn vet(&self, moment: Moment<'_>, row: &Deployment) -> Result<(), Refusal> {
        let change = &self.change;
        let candidate = &self.configuration.configuration;
        check_known_bad(&moment.reading, row, candidate, change.quarantine_override.as_deref())?;
        match (&change.compatibility, self.vetting) {
            (Some(report), Vetting::Checks) => check_compatible(report, row, change.accept_warnings),
            _ => Ok(()),
        }
    }

    /// The same as somebody asks for it.
    pub(super) fn content(self, moment: Moment<'_>, row: &Deployment) -> Result<RequestedChange, Refusal> {
        let trial = moment.reading.latest_check(&row.id, &self.configuration.configuration)?;
        let mut content = RequestedChange {
            plan: self.plan,
            configuration: Some(self.configuration.id),
            rolled_back_to: self.change.rolled_back_to,
            terms: None,
            create: None,
            bounds: None,
            tried_at: trial.and_then(|check| check.ended_at.filter(|_| check.trial.is_some())),
        };
        content.bounds = moment.bounds(row, &content)?;
        Ok(content)
    }

    /// Begins it, if there is room.
    pub(super) fn begin(
        self,
        act: &mut Act<'_, '_>,
        row: &Deployment,
        warrant: Warrant,
    ) -> Result<RolloutNumber, Refusal> {
        let Self { configuration, current, mut change, vetting, plan } = self;
        let candidate = &configuration.configuration;
        let running = match row.last_good {
            Some(_) => Running::between(&current, candidate, act.moment().traits(row)),
            None => Running::Replaced,
        };
        let desired = beginning_with(row, row.last_good.map(|_| &current), candidate);
        let fit = fitting(act.moment(), row, candidate, desired, running, change.strategy)?;
        // Going back is never held up.
        change.strategy = fit.accepted(row, change.accept_warnings || vetting != Vetting::Checks)?;
        begin(act, row, change, plan, warrant)
    }
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

/// Ends the rollout in progress as superseded, and starts the next: `change`, by `plan`.
pub(super) fn begin(
    act: &mut Act<'_, '_>,
    row: &Deployment,
    change: Change,
    plan: ExactPlan,
    warrant: Warrant,
) -> Result<RolloutNumber, Refusal> {
    supersede(act, row)?;
    let number = row.newest_rollout.next();
    let to_revision = row.newest_revision.next();
    let (supersedes, plan_hash) = (row.rollout, plan.hash());
    let (change, plan) = (Box::new(change), Some(Box::new(plan)));
    let started = Event::RolloutStarted { number, to_revision, plan_hash, plan, warrant, supersedes, change };
    act.writing.append(Some(&row.id), started)?;
    Ok(number)
}
