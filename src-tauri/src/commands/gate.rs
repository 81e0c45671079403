//! The gate before every change: policies that ask for approvals, freezes that hold, and break-glass, which overrides
//! both by name.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::access::ServerAction;
use domain::change_request::{ApplyMode, ApplyTime};
use domain::deployment::Importance;
use domain::event::Event;
use domain::freeze::{Freezable, Freeze};
use domain::id::{BreakGlassId, DeploymentId, DeploymentName, UseCaseId};
use domain::ledger::Deployment;
use domain::local_time::{self, LocalTimeError};
use domain::moment;
use domain::policy::{Asked, GatedAction, Policy, SHORTEST_OVERRIDE_REASON};
use domain::principal::{Directory, PrincipalId};
use domain::requested::Warrant;
use domain::wire::{Apply, ApplyAt, ApplyWhen, BreakGlass, ErrorCode, HoldingFreeze};
use jiff::Timestamp;
use serde_json::json;

use super::quarantine::written;
use super::{Act, Moment, Refusal, new_id};

/// When a change is to be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// At once, or not at all.
    Now,
    /// In this way, by a request if need be.
    Asked(ApplyMode),
}

impl When {
    /// The time that a caller asks for.
    ///
    /// # Errors
    /// `ambiguous_time`, `unknown_zone`, `time_in_past`, `invalid_field`.
    pub(super) fn of(apply: &Apply, now: Timestamp) -> Result<Self, Refusal> {
        Ok(match apply {
            Apply::When(ApplyWhen::Now) => Self::Now,
            Apply::When(ApplyWhen::WhenApproved) => Self::Asked(ApplyMode::WhenApproved),
            Apply::When(ApplyWhen::ByHand) => Self::Asked(ApplyMode::ByHand),
            Apply::At(at) => Self::Asked(ApplyMode::At(time(at, now)?)),
        })
    }
}

fn time(asked: &ApplyAt, now: Timestamp) -> Result<ApplyTime, Refusal> {
    let instant = |text: &str| local_time::resolve(text, asked.zone.as_deref()).map_err(|error| of_time(&error));
    let at = instant(&asked.at)?;
    if at < now {
        return Err(Refusal::new(
            ErrorCode::TimeInPast,
            format!("{at} has passed; it is {now} here. Choose a later time, or \"now\"."),
        )
        .with("field", "apply.at"));
    }
    let not_after = asked.not_after.as_deref().map(instant).transpose()?;
    Ok(ApplyTime::new(at, asked.zone.clone(), not_after)?)
}

fn of_time(error: &LocalTimeError) -> Refusal {
    let sentence = format!("apply: {error}.");
    match error {
        LocalTimeError::Ambiguous { first, second, .. } => Refusal::new(ErrorCode::AmbiguousTime, sentence)
            .with("instants", json!([first, second]))
            .with("field", "apply.at"),
        LocalTimeError::UnknownZone(_) => Refusal::new(ErrorCode::UnknownZone, sentence).with("field", "apply.zone"),
        LocalTimeError::WithoutZone(_) => Refusal::invalid("apply.zone", sentence),
        LocalTimeError::Unreadable(_) => Refusal::invalid("apply.at", sentence),
    }
}

/// A change at the gate.
pub(super) struct Gated<'a> {
    /// The deployment; none while it is to be made.
    pub(super) deployment: Option<&'a DeploymentId>,
    /// Its name.
    pub(super) name: &'a DeploymentName,
    /// The actions that it is: a policy that names one of them applies.
    pub(super) actions: &'a [GatedAction],
    /// Its importance: of the one before and the one after the change, the higher.
    pub(super) importance: Importance,
    /// The use cases that it is linked to.
    pub(super) use_cases: &'a BTreeSet<UseCaseId>,
    /// A freeze holds it.
    pub(super) freezes: bool,
}

impl<'a> Gated<'a> {
    /// A change of a deployment that a freeze holds.
    pub(super) fn of(row: &'a Deployment, actions: &'a [GatedAction]) -> Self {
        Self {
            deployment: Some(&row.id),
            name: &row.name,
            actions,
            importance: row.terms.importance,
            use_cases: &row.use_cases,
            freezes: true,
        }
    }
}

/// The use cases of what is not there.
pub(super) static NO_USE_CASES: BTreeSet<UseCaseId> = BTreeSet::new();

/// The policies and freezes that are met by a change.
pub struct Met {
    /// The policies that apply.
    pub policies: Vec<Policy>,
    /// The freezes that hold.
    pub freezes: Vec<HoldingFreeze>,
    /// Everybody there is.
    pub directory: Arc<Directory>,
}

/// The policies, freezes and people that changes are judged by at one moment: read once, for however many changes.
pub struct InForce {
    policies: Vec<Policy>,
    freezes: Vec<Freeze>,
    directory: Arc<Directory>,
}

/// The way on from the gate.
pub(super) enum Way {
    /// It starts, by this right.
    On(Warrant),
    /// It is asked for: this is what it waits for.
    Ask(ApplyMode, Met),
}

impl Moment<'_> {
    /// The policies, freezes and people that changes are judged by now.
    ///
    /// # Errors
    /// Those of the store.
    pub fn in_force(&self) -> Result<InForce, Refusal> {
        let directory = Arc::new(self.reading.directory()?);
        Ok(InForce { policies: self.reading.policies()?, freezes: self.reading.freezes()?, directory })
    }

    /// The policies and freezes that a change by `requesters`, who have asked for it together, meets at `now`.
    pub(super) fn met(&self, gated: &Gated<'_>, requesters: &[PrincipalId], now: Timestamp) -> Result<Met, Refusal> {
        Ok(self.in_force()?.met(gated, requesters, now))
    }
}

impl InForce {
    /// The same for one of many changes.
    pub(super) fn met(&self, gated: &Gated<'_>, requesters: &[PrincipalId], now: Timestamp) -> Met {
        let asked = gated.actions.iter().flat_map(|action| {
            let asked_by = |requester: &PrincipalId| Asked {
                action: *action,
                importance: gated.importance,
                use_cases: gated.use_cases.clone(),
                requester: requester.clone(),
            };
            requesters.iter().map(asked_by)
        });
        let asked: Vec<_> = asked.collect();
        let applies = |policy: &&Policy| asked.iter().any(|asked| policy.applies(asked, &self.directory).is_ok());
        let policies = self.policies.iter().filter(applies).cloned().collect();
        let freezes = if gated.freezes { self.freezes.as_slice() } else { &[] };
        let one = Freezable { deployment: gated.deployment, importance: gated.importance, use_cases: gated.use_cases };
        let holding = |freeze: &Freeze| {
            let hold = freeze.holds(one, now)?;
            let (name, reason) = (freeze.terms.name.clone(), freeze.terms.reason.clone());
            Some(HoldingFreeze { id: freeze.id.clone(), name, reason, until: hold.until })
        };
        Met { policies, freezes: freezes.iter().filter_map(holding).collect(), directory: Arc::clone(&self.directory) }
    }

    /// True for somebody whom a policy names as a reviewer, of whatever change.
    pub(super) fn has_reviewer(&self, person: &PrincipalId) -> bool {
        self.policies.iter().any(|policy| policy.terms.active && policy.eligible(person, &self.directory))
    }
}

impl Act<'_, '_> {
    /// Lets a change through, now or as somebody asks for it; or refuses it.
    ///
    /// # Errors
    /// `approval_required`, `frozen`, `unknown_override`, `role_forbids`, `reauthentication_needed`, `invalid_field`; those
    /// of the store.
    pub(super) fn gate(
        &mut self,
        gated: &Gated<'_>,
        when: When,
        break_glass: Option<&BreakGlass>,
    ) -> Result<Way, Refusal> {
        let requester = PrincipalId::of(&self.caller().actor);
        let met = self.moment().met(gated, &[requester], self.writing.now())?;
        if let Some(asked) = break_glass {
            if when != When::Now {
                return Err(Refusal::invalid(
                    "break_glass",
                    "break_glass: it starts at once, so \"apply\" must be \"now\".",
                ));
            }
            let id = self.break_glass(gated, asked, &met)?;
            return Ok(Way::On(Warrant { approval: None, break_glass: Some(id) }));
        }
        match when {
            When::Now => {
                refuse(gated.name, &met.policies, &met.freezes)?;
                Ok(Way::On(Warrant::default()))
            }
            When::Asked(ApplyMode::WhenApproved) if met.policies.is_empty() && met.freezes.is_empty() => {
                Ok(Way::On(Warrant::default()))
            }
            When::Asked(mode) => Ok(Way::Ask(mode, met)),
        }
    }

    fn break_glass(&mut self, gated: &Gated<'_>, asked: &BreakGlass, met: &Met) -> Result<BreakGlassId, Refusal> {
        self.allow_on_server(ServerAction::BreakGlass)?;
        let reason = written("break_glass.reason", &asked.reason)?;
        if reason.chars().count() < SHORTEST_OVERRIDE_REASON {
            let sentence = format!("break_glass.reason: say why, in at least {SHORTEST_OVERRIDE_REASON} characters.");
            return Err(Refusal::invalid("break_glass.reason", sentence));
        }
        let policies: BTreeSet<_> = asked.policies.iter().cloned().collect();
        let freezes: BTreeSet<_> = asked.freezes.iter().cloned().collect();
        let unknown =
            policies.iter().find(|id| met.policies.iter().all(|policy| policy.id != **id)).map(|id| id.as_str());
        let unknown = unknown
            .or(freezes.iter().find(|id| met.freezes.iter().all(|freeze| freeze.id != **id)).map(|id| id.as_str()));
        if let Some(id) = unknown {
            return Err(Refusal::new(
                ErrorCode::UnknownOverride,
                format!("No policy or freeze {id} holds {} now, so there is nothing to override.", gated.name),
            )
            .with("override", id));
        }
        if policies.is_empty() && freezes.is_empty() {
            return Err(Refusal::new(
                ErrorCode::UnknownOverride,
                "Name the policies and freezes to override, in \"policies\" and \"freezes\".",
            ));
        }
        let left: Vec<_> = met.policies.iter().filter(|policy| !policies.contains(&policy.id)).cloned().collect();
        let holding: Vec<_> = met.freezes.iter().filter(|freeze| !freezes.contains(&freeze.id)).cloned().collect();
        refuse(gated.name, &left, &holding)?;
        let id: BreakGlassId = new_id().parse().map_err(|error| Refusal::fault("no id could be made", &error))?;
        let action = gated.actions.first().copied().unwrap_or(GatedAction::Replace);
        let broken = Event::GlassBroken { id: id.clone(), action, name: gated.name.clone(), reason, policies, freezes };
        self.writing.append(gated.deployment, broken)?;
        Ok(id)
    }
}

/// Refuses a change that something forbids.
pub(super) fn refuse(name: &DeploymentName, policies: &[Policy], freezes: &[HoldingFreeze]) -> Result<(), Refusal> {
    let needs: Vec<_> = policies.iter().map(|policy| json!({"id": policy.id, "name": policy.terms.name})).collect();
    let names: Vec<_> = policies.iter().map(|policy| policy.terms.name.as_str()).collect();
    match freezes.first() {
        Some(freeze) => {
            let until = match freeze.until {
                Some(until) => format!("until {}", moment::in_words(until)),
                None => "until somebody lifts it".to_owned(),
            };
            let sentence = format!(
                "The freeze {} holds {name} {until}. Ask for it with \"apply\": \"when_approved\", and it starts by itself when the freeze ends.",
                freeze.name
            );
            Err(Refusal::new(ErrorCode::Frozen, sentence)
                .with("freezes", json!(freezes))
                .with("until", json!(freeze.until))
                .with("policies", needs))
        }
        None if policies.is_empty() => Ok(()),
        None => Err(Refusal::new(
            ErrorCode::ApprovalRequired,
            format!(
                "Changing {name} like this needs an approval ({}). Ask for it with \"apply\": \"when_approved\", {{\"at\": TIME}} or \"by_hand\".",
                names.join(", ")
            ),
        )
        .with("policies", needs)),
    }
}
