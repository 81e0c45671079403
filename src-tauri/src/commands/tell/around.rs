//! What an entry is about: the deployment, the request, the policies and roles that decide who is told of it.

use std::collections::BTreeMap;

use domain::access::Grants;
use domain::caller::Caller;
use domain::event::{Entry, Event, EventKind};
use domain::freeze::Freeze;
use domain::id::{Actor, DeploymentName, FreezeId, ModelRef, PolicyId};
use domain::ledger::{Deployment, request_of};
use domain::notice::{Concerns, EntryNames, RolloutNamed, Said, Topic, placeholder, said, told};
use domain::policy::Policy;
use domain::principal::{Directory, PrincipalId};
use domain::requested::Requested;
use domain::resources::Machine;
use domain::rollout::RolloutKind;

use crate::commands::gated::authors;
use crate::commands::request_title::request_name;
use crate::commands::{Moment, Refusal};
use crate::store::tables::journal::Filter;
use crate::store::{Reading, StoreError};

/// Entries of freezes that are looked through for the terms of one that was deleted.
const FREEZES_LOOKED_AT: u32 = 1_000;

/// An entry with what it is about.
pub(super) struct Happening<'a> {
    entry: &'a Entry,
    name: Option<DeploymentName>,
    grants: Grants,
    authors: Vec<PrincipalId>,
    policies: Vec<Policy>,
    held: Vec<Grants>,
    rollout: Option<EndedRollout>,
    request: Option<(Requested, String)>,
}

impl<'a> Happening<'a> {
    /// Reads what is needed of it.
    ///
    /// # Errors
    /// Those of the store.
    pub(super) fn read(reading: &Reading<'_>, entry: &'a Entry) -> Result<Self, Refusal> {
        let caller = Caller::new(Actor::server());
        // Neither who reviews nor what is asked for depends on a machine.
        let machine = Machine::ENDLESS;
        let moment = Moment { reading: *reading, caller: &caller, machines: &machine };
        let row = entry.deployment.as_ref().map(|id| reading.deployment(id)).transpose()?.flatten();
        let mut about = Self {
            entry,
            name: row.as_ref().map(|row| row.name.clone()),
            grants: row.as_ref().map(|row| row.access.clone()).unwrap_or_default(),
            authors: Vec::new(),
            policies: Vec::new(),
            held: Vec::new(),
            rollout: None,
            request: None,
        };
        match &entry.event {
            Event::RolloutMoved { number, .. } => about.rollout = rollout(&moment, row.as_ref(), *number)?,
            Event::GlassBroken { policies, name, .. } => {
                about.name.get_or_insert_with(|| name.clone());
                about.policies = by_id(reading, policies)?;
            }
            Event::GlassAcknowledged { id } => {
                if let Some(broken) = reading.broken_glass(id)? {
                    about.policies = by_id(reading, &broken.policies)?;
                    about.name.get_or_insert(broken.name);
                }
            }
            Event::FreezeChanged { freeze } => about.held = held(reading, freeze)?,
            Event::FreezeDeleted { id } => {
                if let Some(freeze) = deleted_freeze(reading, id)? {
                    about.held = held(reading, &freeze)?;
                }
            }
            event => {
                let request = request_of(event).map(|id| reading.request(id)).transpose()?.flatten();
                if let Some(request) = request {
                    about.authors = authors(&request);
                    about.name = Some(request_name(&request, row.as_ref())?);
                    if matches!(event.kind(), EventKind::ChangeAsked | EventKind::ChangeEdited) {
                        about.policies = policies_of(&moment, &request, row.as_ref())?;
                    }
                    let title = moment.request_title(&request, row.as_ref())?;
                    about.request = Some((request, title));
                }
            }
        }
        Ok(about)
    }

    /// The people who are told of it.
    pub(super) fn told(&self, directory: &Directory) -> BTreeMap<PrincipalId, Topic> {
        told(self.entry, self.concerns(directory))
    }

    /// True for whoever is told all of it, and not what a consumer may see alone.
    pub(super) fn reads(&self, directory: &Directory, person: &PrincipalId) -> bool {
        self.entry.deployment.is_none() || self.concerns(directory).reads(person)
    }

    fn concerns<'c>(&'c self, directory: &'c Directory) -> Concerns<'c> {
        Concerns { directory, grants: &self.grants, authors: &self.authors, policies: &self.policies, held: &self.held }
    }

    /// The words about it, with ids in the place of the names of people.
    pub(super) fn said(&self) -> Option<Said> {
        let whom = match &self.entry.event {
            Event::AccessChanged { principal, .. } => Some(principal),
            Event::MemberAdded { member, .. } | Event::MemberChanged { member } => Some(&member.id),
            Event::AdminLinkMade { person } => Some(person),
            _ => None,
        };
        let whom = whom.map(placeholder).unwrap_or_default();
        let actor = match self.entry.actor.is_server() {
            true => "Changeover".to_owned(),
            false => placeholder(&PrincipalId::of(&self.entry.actor)),
        };
        said(
            self.entry,
            EntryNames {
                deployment: self.name.as_ref(),
                actor: &actor,
                whom: &whom,
                rollout: self.rollout.as_ref().map(|ended| RolloutNamed {
                    kind: ended.kind,
                    models: &ended.models,
                    serves: ended.serves,
                    problem: ended.problem.as_deref(),
                }),
                request: self.request.as_ref().map(|(request, title)| (&request.id, title.as_str())),
            },
        )
    }

    /// The name of the deployment.
    pub(super) fn name(&self) -> Option<&DeploymentName> {
        self.name.as_ref()
    }
}

/// A rollout that has ended.
struct EndedRollout {
    kind: RolloutKind,
    models: String,
    serves: bool,
    problem: Option<String>,
}

fn rollout(
    moment: &Moment<'_>,
    row: Option<&Deployment>,
    number: domain::id::RolloutNumber,
) -> Result<Option<EndedRollout>, Refusal> {
    let Some(row) = row else { return Ok(None) };
    let Some(rollout) = moment.reading.rollout(&row.id, number)? else { return Ok(None) };
    let revision = moment.reading.revision(&row.id, rollout.to_revision)?;
    let models = moment.models_of(revision.map(|revision| revision.configuration).as_ref())?;
    let models: Vec<_> = models.iter().map(ModelRef::to_string).collect();
    Ok(Some(EndedRollout {
        kind: rollout.change.kind,
        models: models.join(", "),
        serves: row.intended.is_some(),
        problem: rollout.error,
    }))
}

/// The policies that a request has to meet, as things are now.
pub(super) fn policies_of(
    moment: &Moment<'_>,
    request: &Requested,
    row: Option<&Deployment>,
) -> Result<Vec<Policy>, Refusal> {
    let gated = moment.gated(&request.current.content, row)?;
    // The time decides about freezes alone.
    Ok(moment.met(&gated, &authors(request), request.asked_at)?.policies)
}

fn by_id(reading: &Reading<'_>, ids: &std::collections::BTreeSet<PolicyId>) -> Result<Vec<Policy>, StoreError> {
    Ok(reading.policies()?.into_iter().filter(|policy| ids.contains(&policy.id)).collect())
}

/// The roles on each deployment that a freeze is for.
pub(super) fn held(reading: &Reading<'_>, freeze: &Freeze) -> Result<Vec<Grants>, StoreError> {
    let holds = |row: &Deployment| freeze.terms.scope.holds(row.freezable());
    Ok(reading.deployments()?.into_iter().filter(holds).map(|row| row.access).collect())
}

/// A freeze as it was before it was deleted, where the journal still has it.
fn deleted_freeze(reading: &Reading<'_>, id: &FreezeId) -> Result<Option<Freeze>, StoreError> {
    let kind = Some(EventKind::FreezeChanged.as_str().to_owned());
    let filter = Filter { kind, ..Filter::default() };
    for written in reading.history(&filter, None, FREEZES_LOOKED_AT)? {
        if let Event::FreezeChanged { freeze } = written.read()?.entry.event
            && freeze.id == *id
        {
            return Ok(Some(freeze));
        }
    }
    Ok(None)
}
