//! Moves a change request on as far as it goes by itself: expired, stale, approved, or carried out.
//!
//! # Flow
//!
//! Asked after everything that may move a request: a review, an edit, another policy or person, a change of its deployment,
//! the end of a freeze, and its time. Each move is one entry; what a request comes to is read anew after it.
//!
//! # Guarantees
//!
//! A change is carried out in the transaction that has judged it, on behalf of whoever asked for it and by the rights that
//! they have then: its state and version, its hash as it comes out of the rows now, its approvals, freezes, status, room,
//! the bounds of its rehearsal and the age of its trial.

use domain::change_request::{
    ApplyMode, ClockSays, PolicyStanding, RequestEnd, RequestEvent, RequestState, WaitingFor, due, judged, may_apply,
    next, standing,
};
use domain::deployment::TargetStatus;
use domain::event::Event;
use domain::exact_plan::ExactPlan;
use domain::id::{RequestId, RolloutNumber};
use domain::ledger::Deployment;
use domain::moment;
use domain::requested::{ApprovedRequest, Requested, Warrant};
use domain::wire::ErrorCode;
use jiff::SignedDuration;

use super::carry_out::{carry_out, check_again, replan};
use super::gate::{InForce, Met};
use super::gated::authors;
use super::{Act, Moment, Refusal};

/// Most moves of one request at one moment; more is a defect.
const MOST_MOVES: usize = 12;
/// The age at which a trial is made again before its change is carried out.
const TRIAL_AGE: SignedDuration = SignedDuration::from_hours(24);

/// Moves a request on as far as it goes by itself.
///
/// # Errors
/// Those of the store.
pub fn settle(act: &mut Act<'_, '_>, id: &RequestId) -> Result<(), Refusal> {
    let in_force = act.moment().in_force()?;
    settle_by(act, id, &in_force)
}

/// The same by what is in force, which nothing changes that a request comes to.
fn settle_by(act: &mut Act<'_, '_>, id: &RequestId, in_force: &InForce) -> Result<(), Refusal> {
    for _ in 0..MOST_MOVES {
        let Some(request) = act.reading().request(id)?.filter(|request| request.state.is_live()) else { return Ok(()) };
        if !advance(act, &request, in_force)? {
            return Ok(());
        }
    }
    tracing::error!(request = id.as_str(), "a change request moves on and on");
    Ok(())
}

/// Moves every live request on, of one deployment or of all.
///
/// # Errors
/// Those of the store.
pub fn settle_all(act: &mut Act<'_, '_>, deployment: Option<&domain::id::DeploymentId>) -> Result<(), Refusal> {
    let live = match deployment {
        Some(id) => act.reading().live_requests_of(id)?,
        None => act.reading().live_requests()?,
    };
    if live.is_empty() {
        return Ok(());
    }
    let in_force = act.moment().in_force()?;
    for request in &live {
        // One that cannot be judged keeps no other one from it; where nothing can be written, all wait.
        match act.attempt(|act| settle_by(act, &request.id, &in_force)) {
            Err(refusal) if !matches!(refusal.code, ErrorCode::StorageFull | ErrorCode::StorageUnavailable) => {
                tracing::error!(%refusal, request = request.id.as_str(), "a change request cannot be judged");
            }
            done => done?,
        }
    }
    Ok(())
}

/// The state of a request at one moment, as it is judged.
pub struct Judged {
    /// Its plan, made again from what there is.
    pub plan: Option<ExactPlan>,
    /// The approvals by each policy that applies.
    pub standing: Vec<PolicyStanding>,
    pub(super) met: Met,
}

impl Judged {
    /// The policies and freezes that it meets.
    pub fn met(&self) -> &Met {
        &self.met
    }
}

impl Moment<'_> {
    /// Judges a request at `now`; `row` is its deployment.
    ///
    /// # Errors
    /// Those of the store.
    pub fn judge(
        &self,
        request: &Requested,
        row: Option<&Deployment>,
        now: jiff::Timestamp,
    ) -> Result<Judged, Refusal> {
        self.judge_by(request, row, now, &self.in_force()?)
    }

    fn judge_by(
        &self,
        request: &Requested,
        row: Option<&Deployment>,
        now: jiff::Timestamp,
        in_force: &InForce,
    ) -> Result<Judged, Refusal> {
        let plan = replan(*self, request, row)?;
        let met = in_force.met(&self.gated(&request.current.content, row)?, &authors(request), now);
        let standing = standing(request, &met.policies, &met.directory, now);
        Ok(Judged { plan, standing, met })
    }
}

/// One move; false when there is none.
fn advance(act: &mut Act<'_, '_>, request: &Requested, in_force: &InForce) -> Result<bool, Refusal> {
    let now = act.writing.now();
    let row = request.deployment.as_ref().map(|id| act.reading().deployment(id)).transpose()?.flatten();
    let is_gone = row.as_ref().is_none_or(|row| row.target_status == TargetStatus::Deleted);
    if request.deployment.is_some() && is_gone {
        let end = ended(act, Some(ErrorCode::NotFound), Some("The deployment was deleted.".to_owned()), None);
        return moved(act, request, RequestEvent::DeploymentDeleted, Vec::new(), Some(end));
    }
    if due(request, now) == Some(ClockSays::Expire) {
        let end = ended(act, None, Some(why_over(request, now)), None);
        return moved(act, request, RequestEvent::Expired, Vec::new(), Some(end));
    }
    let Judged { plan, standing, met } = act.moment().judge_by(request, row.as_ref(), now, in_force)?;
    let is_stale = request.state == RequestState::Stale;
    if !is_stale && plan.as_ref().map(ExactPlan::hash) != Some(request.current.plan_hash.clone()) {
        let asked = &request.current.content.plan;
        let fields = plan.map_or_else(|| vec!["to".to_owned()], |plan| asked.moved(&plan));
        return moved(act, request, RequestEvent::BaseMoved, fields, None);
    }
    if let Some(event) = judged(request, &standing) {
        return moved(act, request, event, Vec::new(), None);
    }
    match due(request, now) {
        Some(ClockSays::Apply) => apply(act, request, row.as_ref(), &standing, &met),
        _ => Ok(false),
    }
}

/// The reason for which a request has expired at `now`, in a sentence.
fn why_over(request: &Requested, now: jiff::Timestamp) -> String {
    let (last, why) = match (&request.mode, request.expires_at.filter(|end| *end <= now)) {
        (ApplyMode::At(time), None) => {
            let why = match request.waiting_for {
                _ if request.state == RequestState::Stale => "what it was approved for had changed by then",
                _ if request.state != RequestState::Scheduled => "it was not approved by then",
                Some(WaitingFor::Freeze) => "a freeze held until then",
                Some(WaitingFor::Operation) => "another operation was in progress until then",
                Some(WaitingFor::Check) => "its check had not ended by then",
                None => "the server did not start it by then, as when it does not run",
            };
            (time.not_after, why)
        }
        (_, end) => (end.unwrap_or(now), "it was not approved and started by then"),
    };
    format!("It could start until {}, and {why}. Ask for it again.", moment::in_words(last))
}

/// Carries it out, or notes what it waits for.
pub(super) fn apply(
    act: &mut Act<'_, '_>,
    request: &Requested,
    row: Option<&Deployment>,
    standing: &[PolicyStanding],
    met: &Met,
) -> Result<bool, Refusal> {
    let now = act.writing.now();
    if may_apply(request, &request.current.plan_hash, standing, now).is_err() {
        return Ok(false);
    }
    if !met.freezes.is_empty() {
        return waits(act, request, WaitingFor::Freeze);
    }
    if let Some(row) = row {
        let content = &request.current.content;
        let tried = act.moment().last_trial(row, content)?;
        // No check holds up going back.
        let was_tried = content.tried_at.is_some() && content.rolled_back_to.is_none();
        if was_tried && tried.is_none_or(|at| now.duration_since(at) > TRIAL_AGE) {
            let tried_in_vain =
                request.waiting_for == Some(WaitingFor::Check) && !act.moment().is_checked(row, content)?;
            if tried_in_vain {
                return moved(act, request, RequestEvent::BaseMoved, vec!["report".to_owned()], None);
            }
            return match act
                .attempt(|act| act.for_author(&request.current.author, |act| check_again(act, row, request)))
            {
                Ok(()) => waits(act, request, WaitingFor::Check),
                Err(refusal) => failed(act, request, refusal),
            };
        }
        let bounds = act.moment().bounds(row, content)?;
        if content.bounds.zip(bounds).is_some_and(|(then, now)| then.worse_in(now)) {
            return moved(act, request, RequestEvent::BaseMoved, vec!["rehearsal".to_owned()], None);
        }
    }
    let mut approvers: Vec<_> = standing.iter().flat_map(|policy| policy.given.iter().cloned()).collect();
    approvers.sort();
    approvers.dedup();
    let approval = ApprovedRequest { request: request.id.clone(), version: request.current.number, approvers };
    let warrant = Warrant { approval: Some(approval), break_glass: None };
    let carried =
        act.attempt(|act| act.for_author(&request.current.author, |act| carry_out(act, row, request, warrant)));
    match carried {
        Ok(rollout) => {
            let end = ended(act, None, None, rollout);
            moved(act, request, RequestEvent::Applied, Vec::new(), Some(end))
        }
        Err(busy) if busy.code == ErrorCode::OperationInProgress => waits(act, request, WaitingFor::Operation),
        Err(refusal) => failed(act, request, refusal),
    }
}

/// Ends it as failed, unless the fault is one of the server.
fn failed(act: &mut Act<'_, '_>, request: &Requested, refusal: Refusal) -> Result<bool, Refusal> {
    if refusal.code.status() >= 500 {
        return Err(refusal);
    }
    let end = ended(act, Some(refusal.code), Some(refusal.detail), None);
    moved(act, request, RequestEvent::Failed, Vec::new(), Some(end))
}

fn ended(
    act: &Act<'_, '_>,
    code: Option<ErrorCode>,
    problem: Option<String>,
    rollout: Option<RolloutNumber>,
) -> RequestEnd {
    RequestEnd { at: act.writing.now(), code: code.map(Into::into), problem, rollout }
}

fn waits(act: &mut Act<'_, '_>, request: &Requested, thing: WaitingFor) -> Result<bool, Refusal> {
    if request.waiting_for != Some(thing) {
        let (id, state) = (request.id.clone(), request.state);
        let waiting =
            Event::ChangeMoved { id, event: None, state, waiting_for: Some(thing), moved: Vec::new(), ended: None };
        act.writing.append(request.deployment.as_ref(), waiting)?;
    }
    Ok(false)
}

/// Records that `event` happens to it.
pub(super) fn moved(
    act: &mut Act<'_, '_>,
    request: &Requested,
    event: RequestEvent,
    moved: Vec<String>,
    ended: Option<RequestEnd>,
) -> Result<bool, Refusal> {
    let state = next(request.state, event)
        .map_err(|error| Refusal::new(ErrorCode::RequestClosed, format!("{}.", capitalised(&error.to_string()))))?;
    let id = request.id.clone();
    let entry = Event::ChangeMoved { id, event: Some(event), state, waiting_for: None, moved, ended };
    act.writing.append(request.deployment.as_ref(), entry)?;
    Ok(true)
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}
