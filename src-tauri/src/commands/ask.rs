//! Asks for a change: keeps a change request, which others approve, or which waits for its time.

use domain::action::Action;
use domain::change_request::{ApplyMode, ChangeRequest, RequestState, RequestVersion, judged, standing};
use domain::deployment::TermsChange;
use domain::event::Event;
use domain::exact_plan::{ExactPlan, PlanApply};
use domain::id::RequestId;
use domain::ledger::Deployment;
use domain::policy::GatedAction;
use domain::principal::PrincipalId;
use domain::requested::{RequestedChange, Warrant};
use domain::wire::{Apply, BreakGlass, ErrorCode};
use domain::words::counted;
use jiff::Timestamp;

use super::gate::{Met, Way, When};
use super::gated::gated;
use super::{Act, Refusal, new_id};

/// Most live requests of one deployment.
const MOST: u64 = 100;
/// Most live requests of a server.
const MOST_OF_ALL: u64 = 5_000;

/// Keeps a request for `content`, which meets `met`; answers its id. Whoever called the command settles it.
///
/// # Errors
/// `reviewers_missing` where nobody could approve it, `invalid_field`; those of the store.
pub(super) fn ask(
    act: &mut Act<'_, '_>,
    row: Option<&Deployment>,
    content: RequestedChange,
    mode: ApplyMode,
    met: &Met,
) -> Result<RequestId, Refusal> {
    let deployment = row.map(|row| row.id.clone());
    let (all, own) = act.reading().live_request_counts(deployment.as_ref())?;
    if all >= MOST_OF_ALL || own >= MOST {
        let sentence = format!(
            "A deployment has at most {MOST} open change requests, and a server {MOST_OF_ALL}. Apply or cancel some first."
        );
        return Err(Refusal::invalid("apply", sentence));
    }
    let (now, author) = (act.writing.now(), PrincipalId::of(&act.caller().actor));
    let id: RequestId = new_id().parse().map_err(|error| Refusal::fault("no id could be made", &error))?;
    let plan_hash = content.plan.hash();
    let mut request = ChangeRequest {
        id: id.clone(),
        deployment: deployment.clone(),
        author: author.clone(),
        current: RequestVersion { number: 1, author, at: now, plan_hash, content },
        earlier: Vec::new(),
        reviews: Vec::new(),
        state: RequestState::Open,
        mode,
        waiting_for: None,
        expires_at: ends_at(met, now),
        asked_at: now,
        ended: None,
    };
    let so_far = standing(&request, &met.policies, &met.directory, now);
    check_reviewers(&so_far, met)?;
    if let Some(event) = judged(&request, &so_far) {
        request.advance(event).map_err(|error| Refusal::fault("a new request cannot be judged", &error))?;
    }
    act.writing.append(deployment.as_ref(), Event::ChangeAsked { request: Box::new(request) })?;
    Ok(id)
}

/// The time at which a request that meets these policies ends by itself.
pub(super) fn ends_at(met: &Met, asked_at: Timestamp) -> Option<Timestamp> {
    met.policies.iter().filter_map(|policy| policy.ends_at(asked_at)).min()
}

/// Refuses to ask for what nobody could approve.
pub(super) fn check_reviewers(so_far: &[domain::change_request::PolicyStanding], met: &Met) -> Result<(), Refusal> {
    let Some(lacking) = so_far.iter().find(|policy| !policy.can_be_met()) else { return Ok(()) };
    let policy = met.policies.iter().find(|policy| policy.id == lacking.policy);
    let name = policy.map_or("a policy", |policy| policy.terms.name.as_str());
    let needed = counted(lacking.needed.into(), "approval", "approvals");
    let there = counted(lacking.can_still.len() as u64, "person", "people");
    Err(Refusal::new(
        ErrorCode::ReviewersMissing,
        format!(
            "The policy {name} needs {needed}, and besides you only {there} could approve this. An administrator can name further reviewers."
        ),
    )
    .with("policy", lacking.policy.as_str()))
}

/// The outcome of a change that may have to be asked for.
#[derive(Debug)]
pub enum GateOutcome {
    /// It was carried out.
    Done,
    /// It was asked for.
    Asked(RequestId),
}

/// A change without a configuration at the gate: when it is to be carried out, and what it overrides.
pub(super) struct Asking {
    when: When,
    break_glass: Option<BreakGlass>,
    /// The terms that it changes.
    pub(super) terms: Option<TermsChange>,
}

impl Asking {
    /// The change as a caller asks for it.
    ///
    /// # Errors
    /// Those of its time.
    pub(super) fn of(act: &Act<'_, '_>, apply: &Apply, break_glass: Option<BreakGlass>) -> Result<Self, Refusal> {
        Ok(Self { when: When::of(apply, act.writing.now())?, break_glass, terms: None })
    }

    /// The time of it, for its plan.
    pub(super) fn apply(&self) -> PlanApply {
        match &self.when {
            When::Now => PlanApply::now(),
            When::Asked(mode) => mode.into(),
        }
    }

    /// Carries it out with `work`, or asks for it.
    ///
    /// # Errors
    /// Those of the gate, of asking and of `work`.
    pub(super) fn settle(
        self,
        act: &mut Act<'_, '_>,
        row: &Deployment,
        plan: ExactPlan,
        work: impl FnOnce(&mut Act<'_, '_>, Warrant) -> Result<(), Refusal>,
    ) -> Result<GateOutcome, Refusal> {
        act.permit(row, action_of(&plan))?;
        let content = RequestedChange {
            plan,
            configuration: None,
            rolled_back_to: None,
            terms: self.terms,
            create: None,
            bounds: None,
            tried_at: None,
        };
        let way = act.gate(&gated(&content, Some(row)), self.when, self.break_glass.as_ref())?;
        match way {
            Way::On(warrant) => work(act, warrant).map(|()| GateOutcome::Done),
            Way::Ask(mode, met) => ask(act, Some(row), content, mode, &met).map(GateOutcome::Asked),
        }
    }
}

/// The action that somebody must be allowed to ask for it.
fn action_of(plan: &ExactPlan) -> Action {
    match plan.action {
        GatedAction::Delete => Action::Delete,
        GatedAction::Status => Action::Deactivate,
        _ => Action::ChangeSettings,
    }
}
