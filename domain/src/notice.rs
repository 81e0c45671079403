//! Notices: which entries of the journal people are told of, who is told, and on which channels (DR-10).
//!
//! [`told`] names the people and what each of them is told of; a [`Topic`] has its channels and says whether somebody may
//! switch it off.
//!
//! # Guarantees
//!
//! - Nobody is told of what they did themselves, but of what happens to their own account.
//! - Nobody who is disabled is told, and no service.
//! - A role that everyone has concerns nobody: told are those to whom a role was given by name, or through a group.

use std::collections::{BTreeMap, BTreeSet};

use crate::access::{Grants, owners};
use crate::change_request::{ApplyWord, RequestEvent};
use crate::event::{Entry, Event};
use crate::policy::Policy;
use crate::principal::{Directory, PrincipalId, PrincipalKind};
use crate::rollout::Phase;

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

/// The people who are told of an entry, and what it is to each of them.
pub fn told(entry: &Entry, around: Concerns<'_>) -> BTreeMap<PrincipalId, Topic> {
    let mut told = BTreeMap::new();
    let mut tell = |topic: Topic, people: BTreeSet<PrincipalId>| {
        told.extend(people.into_iter().map(|person| (person, topic)));
    };
    let own = |person: &PrincipalId| BTreeSet::from([person.clone()]);
    let actor = PrincipalId::of(&entry.actor);
    match &entry.event {
        Event::RolloutMoved { phase, .. } if !phase.is_active() && *phase != Phase::Superseded => {
            tell(Topic::RolloutEnded, around.named());
        }
        Event::DeleteRequested { .. } => tell(Topic::DeploymentDeleted, around.named()),
        Event::AccessChanged { principal, .. } => {
            tell(Topic::AccessChanged, around.named());
            tell(Topic::AccessChanged, around.people(|person| around.names(principal, person)));
        }
        Event::ChangeAsked { .. } | Event::ChangeEdited { .. } => tell(Topic::ReviewWanted, around.reviewers()),
        Event::ChangeReviewed { .. } | Event::ReviewWithdrawn { .. } => tell(Topic::RequestMoved, around.askers()),
        Event::ChangeMoved { event, waiting_for, .. } => match event {
            Some(RequestEvent::PoliciesMet(ApplyWord::At)) => tell(Topic::RequestWaits, around.askers()),
            // These follow from what somebody did, of which was told.
            Some(RequestEvent::Edited | RequestEvent::ChangesRequested | RequestEvent::ChangesWithdrawn) => {}
            Some(_) => tell(Topic::RequestMoved, around.askers()),
            None if waiting_for.is_some() => tell(Topic::RequestWaits, around.askers()),
            None => {}
        },
        Event::GlassBroken { .. } | Event::GlassAcknowledged { .. } => {
            for people in [around.administrators(), around.owners(), around.reviewers()] {
                tell(Topic::BreakGlass, people);
            }
        }
        Event::FreezeChanged { .. } | Event::FreezeDeleted { .. } => {
            for grants in around.held {
                tell(Topic::FreezeChanged, around.owners_by(grants));
            }
        }
        Event::PolicyChanged { .. } | Event::PolicyDeleted { .. } | Event::MemberAdded { .. } => {
            tell(Topic::ServerChanged, around.administrators());
        }
        Event::AdminLinkMade { person } => {
            tell(Topic::ServerChanged, around.administrators());
            tell(Topic::OwnAccount, own(person));
        }
        Event::MemberChanged { member } => {
            tell(Topic::ServerChanged, around.administrators());
            tell(Topic::OwnAccount, own(&member.id));
        }
        Event::SignedIn { .. } | Event::PasswordChanged {} | Event::IdentityLinked {} | Event::IdentityUnlinked {} => {
            tell(Topic::OwnAccount, own(&actor))
        }
        Event::TokenIssued { owner, .. } | Event::TokenRevoked { owner, .. } => tell(Topic::OwnAccount, own(owner)),
        Event::SessionsEnded { person, .. } => tell(Topic::OwnAccount, own(person)),
        _ => {}
    }
    let is_known = |person: &PrincipalId| person.is_person() && around.directory.active(person).is_some();
    let did_it = |person: &PrincipalId| !entry.actor.is_server() && *person == actor;
    told.retain(|person, topic| is_known(person) && (*topic == Topic::OwnAccount || !did_it(person)));
    told
}

impl Concerns<'_> {
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
