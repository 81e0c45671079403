//! Notices: which entries of the journal people are told of, who is told, and on which channels (DR-10).
//!
//! [`told`] names the people and what each of them is told of; a [`Topic`] has its channels and says whether somebody may
//! switch it off; [`said`] has the words. A message on its way is tried again as [`after_attempt`] says.
//!
//! # Guarantees
//!
//! - Nobody is told of what they did themselves, but of what happens to their own account.
//! - Nobody who is disabled is told, and no service.
//! - A role that everyone has concerns nobody: told are those to whom a role was given by name, or through a group.
//! - A consumer, who sees name, URL and status alone, is told that the model was replaced, that the deployment is deleted, and
//!   of their own role; and in words that say no more ([`Said::to_a_consumer`]).

mod delivery;
mod entry_words;
mod preferences;
mod reminder;
mod request_words;
mod said;

use std::collections::{BTreeMap, BTreeSet};

use crate::access::{Grant, Grants, Role, owners};
use crate::change_request::{ApplyWord, RequestEvent};
use crate::event::{Entry, Event};
use crate::policy::Policy;
use crate::principal::{Directory, PrincipalId, PrincipalKind, ServerRole};
use crate::rollout::Phase;

pub use delivery::{Attempted, DeliveryState, GIVEN_UP_AFTER, after_attempt, wait};
pub use entry_words::{EntryNames, RolloutNamed, said, several_roles};
pub use preferences::NoticePreferences;
pub use reminder::{
    Reminded, digest, ends_soon, freeze_soon, is_soon, ownerless, reviewerless, switched_off, undelivered,
};
pub use said::{Said, placeholder};

words! {
    /// The ways in which somebody is told.
    pub enum Channel {
        /// In the application.
        Application = "application",
        /// By e-mail.
        Email = "email",
        /// Through a webhook, by which a chat or a pager hears of it.
        Webhook = "webhook",
    }
}

words! {
    /// The things that people are told of.
    pub enum Topic {
        /// A model was replaced or rolled back, or that failed.
        RolloutEnded = "rollout_ended",
        /// A deployment is being deleted.
        DeploymentDeleted = "deployment_deleted",
        /// A role on a deployment was given, changed or taken back.
        AccessChanged = "access_changed",
        /// A change is asked for, or asked for anew, and waits for their review.
        ReviewWanted = "review_wanted",
        /// Something became of a change request: a review, an approval, its end.
        RequestMoved = "request_moved",
        /// A change request has its time, or waits for something.
        RequestWaits = "request_waits",
        /// A policy or a freeze was overridden, or that was acknowledged.
        BreakGlass = "break_glass",
        /// A freeze that holds a deployment of theirs was made, changed or lifted.
        FreezeChanged = "freeze_changed",
        /// What concerns the server: a policy, a role on it, a link for an administrator.
        ServerChanged = "server_changed",
        /// Their own account: a new sign-in, a token, a password.
        OwnAccount = "own_account",
    }
}

impl Topic {
    /// The channels that it is told on.
    pub fn channels(self) -> &'static [Channel] {
        use Channel::{Application, Email, Webhook};
        match self {
            Self::RolloutEnded
            | Self::DeploymentDeleted
            | Self::AccessChanged
            | Self::ReviewWanted
            | Self::RequestMoved
            | Self::BreakGlass
            | Self::FreezeChanged => &[Application, Email, Webhook],
            Self::RequestWaits | Self::ServerChanged | Self::OwnAccount => &[Application, Email],
        }
    }

    /// True where a person may choose not to be told on a channel.
    pub fn may_be_switched_off(self) -> bool {
        !matches!(self, Self::ReviewWanted | Self::BreakGlass | Self::OwnAccount)
    }
}

/// The things that an entry is about, as they are when it is entered.
#[derive(Clone, Copy, Debug)]
pub struct Concerns<'a> {
    /// Everybody there is.
    pub directory: &'a Directory,
    /// The roles on the deployment.
    pub grants: &'a Grants,
    /// Those who have written a version of the change request.
    pub authors: &'a [PrincipalId],
    /// The policies that the request has to meet, or that were overridden.
    pub policies: &'a [Policy],
    /// The roles on each of the deployments that a freeze holds.
    pub held: &'a [Grants],
}

/// The topic of what an event does; none where nobody is told. Of somebody's own account they alone are told ([`own`]).
pub fn topic_of(event: &Event) -> Option<Topic> {
    Some(match event {
        Event::RolloutMoved { phase, .. } if !phase.is_active() && *phase != Phase::Superseded => Topic::RolloutEnded,
        Event::DeleteRequested { .. } => Topic::DeploymentDeleted,
        Event::AccessChanged { .. } => Topic::AccessChanged,
        Event::ChangeAsked { .. } | Event::ChangeEdited { .. } => Topic::ReviewWanted,
        Event::ChangeReviewed { .. } | Event::ReviewWithdrawn { .. } => Topic::RequestMoved,
        Event::ChangeMoved { event, waiting_for, .. } => match event {
            Some(RequestEvent::PoliciesMet(ApplyWord::At)) => Topic::RequestWaits,
            // These follow from what somebody did, of which was told.
            Some(RequestEvent::Edited | RequestEvent::ChangesRequested | RequestEvent::ChangesWithdrawn) => {
                return None;
            }
            Some(_) => Topic::RequestMoved,
            None if waiting_for.is_some() => Topic::RequestWaits,
            None => return None,
        },
        Event::GlassBroken { .. } | Event::GlassAcknowledged { .. } => Topic::BreakGlass,
        Event::FreezeChanged { .. } | Event::FreezeDeleted { .. } => Topic::FreezeChanged,
        Event::PolicyChanged { .. }
        | Event::PolicyDeleted { .. }
        | Event::MemberAdded { .. }
        | Event::AdminLinkMade { .. }
        | Event::MemberChanged { .. } => Topic::ServerChanged,
        Event::SignedIn { .. }
        | Event::PasswordChanged {}
        | Event::IdentityLinked {}
        | Event::IdentityUnlinked { .. }
        | Event::TokenIssued { .. }
        | Event::TokenRevoked { .. }
        | Event::SessionsEnded { .. } => Topic::OwnAccount,
        _ => return None,
    })
}

/// The person whose own account an entry is about, if it is about one.
fn own(entry: &Entry) -> Option<PrincipalId> {
    match &entry.event {
        Event::AdminLinkMade { person } | Event::SessionsEnded { person, .. } => Some(person.clone()),
        Event::MemberChanged { member } => Some(member.id.clone()),
        Event::SignedIn { .. } | Event::PasswordChanged {} | Event::IdentityLinked {} => {
            Some(PrincipalId::of(&entry.actor))
        }
        Event::IdentityUnlinked { person } => Some(person.clone().unwrap_or_else(|| PrincipalId::of(&entry.actor))),
        Event::TokenIssued { owner, .. } | Event::TokenRevoked { owner, .. } => Some(owner.clone()),
        _ => None,
    }
}

/// The people who are told of an entry, and what it is to each of them.
pub fn told(entry: &Entry, around: Concerns<'_>) -> BTreeMap<PrincipalId, Topic> {
    let Some(topic) = topic_of(&entry.event) else { return BTreeMap::new() };
    let mut people = match topic {
        Topic::DeploymentDeleted => around.named(),
        Topic::RolloutEnded if replaced(&entry.event) => around.named(),
        Topic::RolloutEnded => around.readers(),
        Topic::AccessChanged => match &entry.event {
            Event::AccessChanged { principal, .. } => {
                around.readers().into_iter().chain(around.people(|person| around.names(principal, person))).collect()
            }
            _ => around.readers(),
        },
        Topic::ReviewWanted => around.reviewers(),
        Topic::RequestMoved | Topic::RequestWaits => around.askers(),
        Topic::BreakGlass => {
            [around.administrators(), around.owners(), around.reviewers()].into_iter().flatten().collect()
        }
        Topic::FreezeChanged => around.held.iter().flat_map(|grants| around.owners_by(grants)).collect(),
        Topic::ServerChanged => around.administrators(),
        Topic::OwnAccount => BTreeSet::new(),
    };
    let actor = PrincipalId::of(&entry.actor);
    people.retain(|person| entry.actor.is_server() || *person != actor);
    let mut told: BTreeMap<_, _> = people.into_iter().map(|person| (person, topic)).collect();
    told.extend(own(entry).map(|person| (person, Topic::OwnAccount)));
    told.retain(|person, _| person.is_person() && around.directory.active(person).is_some());
    told
}

/// True when a rollout has come to where it was meant to.
fn replaced(event: &Event) -> bool {
    matches!(event, Event::RolloutMoved { phase: Phase::Completed, .. })
}

impl Concerns<'_> {
    /// True for whoever may read all of the deployment.
    pub fn reads(&self, person: &PrincipalId) -> bool {
        let admin = self.directory.active(person).is_some_and(|member| member.role == ServerRole::Admin);
        let reads =
            |(named, grant): (&PrincipalId, &Grant)| grant.role >= Role::User && self.directory.includes(named, person);
        admin || self.grants.iter().any(reads)
    }

    /// Those of the people with a role by name who may read all of the deployment.
    fn readers(&self) -> BTreeSet<PrincipalId> {
        self.named().into_iter().filter(|person| self.reads(person)).collect()
    }

    fn people(&self, concerned: impl Fn(&PrincipalId) -> bool) -> BTreeSet<PrincipalId> {
        self.directory.members.keys().filter(|id| concerned(id)).cloned().collect()
    }

    /// True where somebody is named, alone or through a group.
    fn names(&self, named: &PrincipalId, person: &PrincipalId) -> bool {
        named.kind() != PrincipalKind::Everyone && self.directory.includes(named, person)
    }

    /// Those who have a role on the deployment by name.
    fn named(&self) -> BTreeSet<PrincipalId> {
        self.people(|person| self.grants.keys().any(|named| self.names(named, person)))
    }

    fn owners(&self) -> BTreeSet<PrincipalId> {
        self.owners_by(self.grants)
    }

    fn owners_by(&self, grants: &Grants) -> BTreeSet<PrincipalId> {
        let named = grants.iter().filter(|(named, _)| named.kind() != PrincipalKind::Everyone);
        owners(named.map(|(named, grant)| (named, grant.role)), self.directory)
    }

    fn administrators(&self) -> BTreeSet<PrincipalId> {
        self.directory.administrators().map(|member| member.id.clone()).collect()
    }

    /// Those who may review by one of the policies, but the authors of the request.
    fn reviewers(&self) -> BTreeSet<PrincipalId> {
        let may = |person: &PrincipalId| self.policies.iter().any(|policy| policy.eligible(person, self.directory));
        self.people(|person| may(person) && !self.authors.contains(person))
    }

    /// The authors of the request, and the owners of the deployment.
    fn askers(&self) -> BTreeSet<PrincipalId> {
        self.owners().into_iter().chain(self.authors.iter().cloned()).collect()
    }
}

#[cfg(test)]
mod tests;
