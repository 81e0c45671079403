//! Carries out what a change request asks for, and makes its plan again from what there is now.

use domain::action::Action;
use domain::event::Event;
use domain::exact_plan::{ExactPlan, PlanApply};
use domain::id::RolloutNumber;
use domain::ledger::Deployment;
use domain::policy::GatedAction;
use domain::requested::{NewDeployment, Requested, RequestedChange, Warrant};
use domain::wire::{ErrorCode, StartCheck};
use jiff::Timestamp;

use super::create_configuration::existing;
use super::exact::rollout_of;
use super::gated::{status_values, values};
use super::start_rollout::{Prepared, Vetting};
use super::{Act, Moment, Refusal, create_deployment, deactivate, delete_deployment, relaunch};

/// The plan of a request as it comes out now; none where it cannot be made any more.
pub(super) fn replan(
    moment: Moment<'_>,
    request: &Requested,
    row: Option<&Deployment>,
) -> Result<Option<ExactPlan>, Refusal> {
    let content = &request.current.content;
    let apply = PlanApply::from(&request.mode);
    let Some(row) = row else {
        return match &content.create {
            Some(new) => create_deployment::plan(moment, new, apply).map(Some),
            None => Ok(None),
        };
    };
    match content.plan.action {
        GatedAction::Replace | GatedAction::Rollback => match prepared(moment, request, row) {
            Ok(prepared) => Ok(Some(prepared.plan)),
            Err(refusal) if refusal.code.status() < 500 => Ok(None),
            Err(refusal) => Err(refusal),
        },
        action => {
            let mut plan = moment.plan(row, action, apply)?;
            plan.note.clone_from(&content.plan.note);
            plan.values = match (&content.terms, action) {
                (Some(terms), _) => values(row, terms),
                (None, GatedAction::Status) => status_values(row, content.plan.activates()),
                (None, _) => Default::default(),
            };
            Ok(Some(plan))
        }
    }
}

/// The rollout that a request asks for, as it comes out now.
fn prepared(moment: Moment<'_>, request: &Requested, row: &Deployment) -> Result<Prepared, Refusal> {
    let content = &request.current.content;
    let no_rollout = || Refusal::new(ErrorCode::NothingToChange, "The request rolls nothing out.");
    let asked = rollout_of(content).ok_or_else(no_rollout)?;
    let id = asked.configuration.as_ref().ok_or_else(no_rollout)?;
    let configuration = existing(&moment.reading, row, id)?;
    Prepared::of(moment, row, configuration, &asked, vetting(content), PlanApply::from(&request.mode))
}

fn vetting(content: &RequestedChange) -> Vetting {
    content.rolled_back_to.map_or(Vetting::Checks, Vetting::HasRun)
}

impl Moment<'_> {
    /// The end of the newest trial of what a request rolls out.
    pub(super) fn last_trial(&self, row: &Deployment, content: &RequestedChange) -> Result<Option<Timestamp>, Refusal> {
        let Some(id) = &content.configuration else { return Ok(None) };
        let Some(found) = self.reading.configuration(id)? else { return Ok(None) };
        let check = self.reading.latest_check(&row.id, &found.configuration)?;
        Ok(check.and_then(|check| check.ended_at.filter(|_| check.trial.is_some())))
    }
}

impl Moment<'_> {
    /// True while a check of what a request rolls out has not ended.
    pub(super) fn is_checked(&self, row: &Deployment, content: &RequestedChange) -> Result<bool, Refusal> {
        let Some(id) = &content.configuration else { return Ok(false) };
        let Some(found) = self.reading.configuration(id)? else { return Ok(false) };
        let code = found.configuration.code_hash();
        let open = self.reading.open_checks()?;
        Ok(open.iter().any(|check| check.deployment == row.id && check.configuration.code_hash() == code))
    }
}

/// Has what a request rolls out tried again.
pub(super) fn check_again(act: &mut Act<'_, '_>, row: &Deployment, request: &Requested) -> Result<(), Refusal> {
    let configuration = request.current.content.configuration.clone();
    super::start_check(act, row, &StartCheck { configuration, ..StartCheck::default() }).map(drop)
}

/// Carries out what a request asks for, by the rights of the caller; the rollout that it has become.
pub(super) fn carry_out(
    act: &mut Act<'_, '_>,
    row: Option<&Deployment>,
    request: &Requested,
    warrant: Warrant,
) -> Result<Option<RolloutNumber>, Refusal> {
    let content = &request.current.content;
    let note = content.plan.note.clone();
    let Some(row) = row else {
        let gone = || Refusal::new(ErrorCode::NotFound, "There is nothing that this request could be carried out on.");
        let new: &NewDeployment = content.create.as_deref().ok_or_else(gone)?;
        return create_deployment::carry_out(act, new, &content.plan, warrant).map(Some);
    };
    match content.plan.action {
        GatedAction::Replace | GatedAction::Rollback => {
            act.allow(row, Action::Update)?;
            let prepared = prepared(act.moment(), request, row)?;
            prepared.vet(act.moment(), row)?;
            prepared.begin(act, row, warrant).map(Some)
        }
        GatedAction::Delete => delete_deployment::carry_out(act, row, note).map(|()| None),
        GatedAction::Status if content.plan.activates() => {
            relaunch::carry_out_activation(act, row, &content.plan, warrant).map(Some)
        }
        GatedAction::Status => deactivate::carry_out(act, row, note).map(|()| None),
        GatedAction::Importance | GatedAction::Settings => {
            act.permit(row, Action::ChangeSettings)?;
            if let Some(terms) = &content.terms {
                act.writing.append(Some(&row.id), Event::DeploymentChanged { terms: terms.clone() })?;
            }
            Ok(None)
        }
        GatedAction::Create | GatedAction::Statistics => {
            Err(Refusal::new(ErrorCode::NothingToChange, "Nothing can be carried out by this request."))
        }
    }
}
