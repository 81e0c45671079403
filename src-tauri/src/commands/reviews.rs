//! What people do with a change request: review it, take a verdict back, edit it, apply it, cancel it.

use domain::access::{Denied, Needs, ServerAction};
use domain::action::Action;
use domain::caller::{Scope, Through};
use domain::change_request::{
    ApplyMode, MayNotReview, RequestEnd, RequestEvent, RequestState, RequestVersion, Review, ReviewVerdict, Reviewing,
    may_apply, may_review, standing,
};
use domain::event::Event;
use domain::exact_plan::{ExactPlan, PlanApply};
use domain::id::RequestId;
use domain::ledger::Deployment;
use domain::policy::GatedAction;
use domain::principal::{PrincipalId, ServerRole};
use domain::requested::{Requested, RequestedChange};
use domain::wire::{EditRequest, ErrorCode, GiveReview};

use super::ask::{check_reviewers, ends_at};
use super::carry_out::replan;
use super::create_configuration::existing;
use super::exact::rollout_of;
use super::gate::{When, refuse};
use super::gated::{authors, gated};
use super::quarantine::written;
use super::request_sight::{Found, closed};
use super::settle::{self, Judged, settle};
use super::start_rollout::{Prepared, Vetting};
use super::{Act, Moment, Refusal, Selection, check_text};

/// The needs of an author who cancels a request.
const CANCELLING: Needs = Needs { role: None, server: ServerRole::Viewer, scope: Some(Scope::Deploy) };

/// Reviews it. An approval is of the hash that was looked at, and of nothing else.
///
/// # Errors
/// `not_found`, `own_request`, `not_a_reviewer`, `token_scope`, `plan_changed`, `stale`, `request_closed`,
/// `already_reviewed`, `invalid_field`; those of the store.
pub fn review(act: &mut Act<'_, '_>, id: &RequestId, given: &GiveReview) -> Result<(), Refusal> {
    act.moment().request_in_hand(id)?;
    check_text("comment", given.comment.as_deref())?;
    let comment = match (given.verdict, given.comment.as_deref()) {
        (ReviewVerdict::Approved, None) => None,
        (ReviewVerdict::Approved, Some(text)) if text.trim().is_empty() => None,
        (_, text) => Some(written("comment", text.unwrap_or_default())?),
    };
    let now = act.writing.now();
    let Found { request, row } = settled(act, id)?;
    let person = PrincipalId::of(&act.caller().actor);
    let through_token = matches!(act.caller().through, Through::Token { .. });
    if given.verdict == ReviewVerdict::Comment {
        check_live(&request)?;
        act.allow_on_server(ServerAction::Review)?;
    } else {
        let gated = act.moment().gated(&request.current.content, row.as_ref())?;
        let met = act.moment().met(&gated, &authors(&request), now)?;
        let reviewing =
            Reviewing { author: &person, verdict: given.verdict, plan_hash: &given.plan_hash, through_token, at: now };
        may_review(&request, reviewing, &met.policies, &met.directory).map_err(|why| of_review(why, &request))?;
        act.allow_on_server(ServerAction::Review)?;
    }
    let review = Review {
        author: person,
        version: request.current.number,
        plan_hash: request.current.plan_hash.clone(),
        verdict: given.verdict,
        comment,
        at: now,
        withdrawn: false,
    };
    request.clone().review(review.clone()).map_err(|full| Refusal::invalid("comment", full.to_string()))?;
    act.writing.append(request.deployment.as_ref(), Event::ChangeReviewed { id: id.clone(), review })?;
    settle(act, id)
}

fn of_review(why: MayNotReview, request: &Requested) -> Refusal {
    let code = match why {
        MayNotReview::RequestClosed(_) => ErrorCode::RequestClosed,
        MayNotReview::TokenScope => ErrorCode::TokenScope,
        MayNotReview::OwnRequest => ErrorCode::OwnRequest,
        MayNotReview::NotAReviewer => ErrorCode::NotAReviewer,
        MayNotReview::Stale => ErrorCode::Stale,
        MayNotReview::PlanChanged => ErrorCode::PlanChanged,
        MayNotReview::AlreadyReviewed => ErrorCode::AlreadyReviewed,
    };
    let refusal = Refusal::new(code, why.to_string());
    match why {
        MayNotReview::PlanChanged => refusal.with("plan_hash", request.current.plan_hash.as_str()),
        _ => refusal,
    }
}

/// Takes the caller's last verdict back.
///
/// # Errors
/// `not_found`, `request_closed`, `nothing_to_change`, `token_scope`; those of the store.
pub fn withdraw_review(act: &mut Act<'_, '_>, id: &RequestId) -> Result<(), Refusal> {
    let request = live(act, id)?.request;
    act.allow_on_server(ServerAction::Review)?;
    if !request.clone().withdraw(&PrincipalId::of(&act.caller().actor)) {
        return Err(Refusal::new(ErrorCode::NothingToChange, "You have no verdict on this request to take back."));
    }
    act.writing.append(request.deployment.as_ref(), Event::ReviewWithdrawn { id: id.clone() })?;
    settle(act, id)
}

/// Gives it another version, of which nobody has approved anything: what is asked for, or its time.
///
/// # Errors
/// `not_found`, `request_closed`, `role_forbids`, `nothing_to_change`, `reviewers_missing` and those of starting the same
/// at once; those of the store.
pub fn edit_request(act: &mut Act<'_, '_>, id: &RequestId, edit: &EditRequest) -> Result<(), Refusal> {
    let found = live(act, id)?;
    may_change(act, &found)?;
    let now = act.writing.now();
    let apply = edit.apply.as_ref().or(edit.rollout.as_ref().map(|rollout| &rollout.apply).filter(|at| !at.is_now()));
    let mode = match apply.map(|apply| When::of(apply, now)).transpose()? {
        None => found.request.mode.clone(),
        Some(When::Asked(mode)) => mode,
        Some(When::Now) => {
            let sentence =
                "apply: a request is not for now. Cancel it, and start the change, if nobody has to approve it.";
            return Err(Refusal::invalid("apply", sentence));
        }
    };
    let Found { request, row } = found;
    let content = match (&edit.rollout, &row) {
        (None, _) if apply.is_none() => {
            return Err(Refusal::new(
                ErrorCode::NothingToChange,
                "The edit changes nothing. Send \"rollout\" or \"apply\".",
            ));
        }
        (None, row) => anew(act, &request, row.as_ref(), &mode)?,
        (Some(rollout), Some(row)) if is_rollout(request.current.content.plan.action) => {
            let selection = Selection { from: rollout.configuration.clone(), set: rollout.set.clone() };
            let configuration = match (&rollout.configuration, &rollout.set) {
                (Some(id), None) => existing(&act.reading(), row, id)?,
                _ => {
                    let candidate = selection.resolve(&act.reading(), row)?;
                    super::create_configuration(act, Some(row), candidate)?
                }
            };
            rollout.strategy.on(row.terms.strategy).check()?;
            check_text("note", rollout.note.as_deref())?;
            let prepared =
                Prepared::of(act.moment(), row, configuration, rollout, Vetting::Checks, PlanApply::from(&mode))?;
            prepared.vet(act.moment(), row)?;
            prepared.content(act.moment(), row)?
        }
        (Some(_), _) => {
            let sentence =
                "rollout: the request is for something else than another configuration. Cancel it and ask again.";
            return Err(Refusal::invalid("rollout", sentence));
        }
    };
    enter_version(act, &request, row.as_ref(), content, mode)
}

/// True for what an edit may make another rollout of.
fn is_rollout(action: GatedAction) -> bool {
    match action {
        GatedAction::Replace | GatedAction::Rollback => true,
        GatedAction::Create
        | GatedAction::Delete
        | GatedAction::Importance
        | GatedAction::Settings
        | GatedAction::Status
        | GatedAction::Statistics => false,
    }
}

/// Asks for the same anew, on what there is now.
///
/// # Errors
/// As [`edit_request`].
pub fn rebase_request(act: &mut Act<'_, '_>, id: &RequestId) -> Result<(), Refusal> {
    let found = live(act, id)?;
    may_change(act, &found)?;
    let Found { request, row } = found;
    let mode = request.mode.clone();
    let content = anew(act, &request, row.as_ref(), &mode)?;
    if content.plan.hash() == request.current.plan_hash && request.state != domain::change_request::RequestState::Stale
    {
        return Err(Refusal::new(ErrorCode::NothingToChange, "Nothing has moved since this was asked for."));
    }
    enter_version(act, &request, row.as_ref(), content, mode)
}

/// The content of a request on what there is now.
fn anew(
    act: &Act<'_, '_>,
    request: &Requested,
    row: Option<&Deployment>,
    mode: &ApplyMode,
) -> Result<RequestedChange, Refusal> {
    let content = &request.current.content;
    if let (Some(row), Some(rollout)) = (row, rollout_of(content)) {
        let id = content.configuration.as_ref();
        let gone = || Refusal::new(ErrorCode::UnknownConfiguration, "The configuration of this request is gone.");
        let configuration = existing(&act.reading(), row, id.ok_or_else(gone)?)?;
        let vetting = content.rolled_back_to.map_or(Vetting::Checks, Vetting::HasRun);
        let prepared = Prepared::of(act.moment(), row, configuration, &rollout, vetting, PlanApply::from(mode))?;
        prepared.vet(act.moment(), row)?;
        return prepared.content(act.moment(), row);
    }
    let moved = Requested { mode: mode.clone(), ..request.clone() };
    let gone = || Refusal::new(ErrorCode::NotFound, "What this request is about is gone. Cancel it.");
    let plan = replan(act.moment(), &moved, row)?.ok_or_else(gone)?;
    Ok(RequestedChange { plan, ..content.clone() })
}

fn enter_version(
    act: &mut Act<'_, '_>,
    request: &Requested,
    row: Option<&Deployment>,
    content: RequestedChange,
    mode: ApplyMode,
) -> Result<(), Refusal> {
    let (now, author) = (act.writing.now(), PrincipalId::of(&act.caller().actor));
    let plan_hash = content.plan.hash();
    let mut edited = request.clone();
    let full = |full: domain::change_request::RequestFull| Refusal::invalid("rollout", full.to_string());
    edited.edit(author.clone(), now, plan_hash.clone(), content.clone()).map_err(full)?;
    let met = act.moment().met(&act.moment().gated(&content, row)?, &authors(&edited), now)?;
    check_reviewers(&standing(&edited, &met.policies, &met.directory, now), &met)?;
    let version = Box::new(RequestVersion { number: request.current.number + 1, author, at: now, plan_hash, content });
    let expires_at = ends_at(&met, now);
    let id = request.id.clone();
    act.writing.append(request.deployment.as_ref(), Event::ChangeEdited { id, edited: version, mode, expires_at })?;
    settle(act, &request.id)
}

/// Applies it now, after it was approved.
///
/// # Errors
/// `not_found`, `request_closed`, `role_forbids`, `stale`, `approval_required`, `frozen`, `operation_in_progress` and
/// those of starting the same at once; those of the store.
pub fn apply_request(act: &mut Act<'_, '_>, id: &RequestId) -> Result<(), Refusal> {
    may_change(act, &live(act, id)?)?;
    let Found { request, row } = settled(act, id)?;
    if request.state == RequestState::Applied {
        // Its time had come, or what it waited for was over: it has just been done.
        return Ok(());
    }
    let now = act.writing.now();
    let Judged { plan, standing, met } = act.moment().judge(&request, row.as_ref(), now)?;
    let hash = plan.as_ref().map(ExactPlan::hash).unwrap_or_default();
    may_apply(&request, &hash, &standing, now).map_err(|why| {
        use domain::change_request::MayNotApply;
        let code = match why {
            MayNotApply::Closed(_) | MayNotApply::Over => ErrorCode::RequestClosed,
            MayNotApply::Stale => ErrorCode::Stale,
            MayNotApply::NotApproved | MayNotApply::TooEarly(_) => ErrorCode::ApprovalRequired,
        };
        Refusal::new(code, why.to_string())
    })?;
    refuse(gated(&request.current.content, row.as_ref()).name, &[], &met.freezes)?;
    settle::apply(act, &request, row.as_ref(), &standing, &met)?;
    Ok(())
}

/// Cancels it: its author, an owner or an administrator.
///
/// # Errors
/// `not_found`, `request_closed`, `role_forbids`, `token_scope`; those of the store.
pub fn cancel_request(act: &mut Act<'_, '_>, id: &RequestId) -> Result<(), Refusal> {
    let found = live(act, id)?;
    act.moment().may_cancel_request(&found)?.map_err(|denied| Refusal::denied(&denied))?;
    let end = RequestEnd { at: act.writing.now(), code: None, problem: None, rollout: None };
    settle::moved(act, &found.request, RequestEvent::Cancelled, Vec::new(), Some(end)).map(drop)
}

/// The request, which has not ended.
fn live(act: &Act<'_, '_>, id: &RequestId) -> Result<Found, Refusal> {
    let found = act.moment().request_in_hand(id)?;
    check_live(&found.request)?;
    Ok(found)
}

/// The request that the caller has seen, after everything that has moved it in this very moment: they are told what has
/// become of it, also where they would see it no more.
fn settled(act: &mut Act<'_, '_>, id: &RequestId) -> Result<Found, Refusal> {
    settle(act, id)?;
    let reading = act.reading();
    let gone = || Refusal::fault("a change request is gone", id);
    let request = reading.request(id)?.ok_or_else(gone)?;
    let row = request.deployment.as_ref().map(|id| reading.deployment(id)).transpose()?.flatten();
    Ok(Found { request, row })
}

fn check_live(request: &Requested) -> Result<(), Refusal> {
    if request.state.is_live() { Ok(()) } else { Err(closed(request.state)) }
}

/// Refuses who may not edit, apply or cancel: it is for owners of the deployment, and for its author.
fn may_change(act: &Act<'_, '_>, found: &Found) -> Result<(), Refusal> {
    act.moment().may_change_request(found)?.map_err(|denied| Refusal::denied(&denied))
}

impl Moment<'_> {
    /// Allows the caller to cancel a request, or says why not: its author may, also without a role on the deployment.
    ///
    /// # Errors
    /// Those of the store.
    pub fn may_cancel_request(&self, found: &Found) -> Result<Result<(), Denied>, Refusal> {
        let rights = self.rights()?;
        if found.request.author == rights.id {
            return Ok(rights.meets(CANCELLING));
        }
        self.may_change_request(found)
    }

    /// Allows the caller to edit, apply or cancel a request, or says why not.
    ///
    /// # Errors
    /// Those of the store.
    pub fn may_change_request(&self, found: &Found) -> Result<Result<(), Denied>, Refusal> {
        let rights = self.rights()?;
        Ok(match &found.row {
            Some(row) => self.rights_on(&rights, row)?.allow(Action::Update.needs()),
            None if rights.is_admin() || found.request.author == rights.id => {
                rights.allow(ServerAction::CreateDeployment, found.request.asked_at)
            }
            None => Err(Denied::Role(domain::access::Role::Owner)),
        })
    }
}
