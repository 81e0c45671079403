//! The ledger of one deployment: all that the journal has come to for it.

use std::collections::{BTreeMap, BTreeSet};

use super::deployment::Deployment;
use super::revision::{self, Revisions, good_before};
use super::rollout::{self, Rollout, Rollouts};
use crate::configuration::Configuration;
use crate::event::{Entry, Event};
use crate::id::{ConfigurationId, ReplicaId, RevisionNumber, RolloutNumber};
use crate::replica::ReplicaRecord;

/// A deployment with all that belongs to it. It may hold a part of that: an entry changes only what [`Reach`] says.
#[derive(Clone, Debug, PartialEq)]
pub struct Ledger {
    /// The deployment itself.
    pub deployment: Deployment,
    /// Its revisions.
    pub revisions: Revisions,
    /// Its rollouts.
    pub rollouts: Rollouts,
    /// Its replicas, oldest first.
    pub replicas: Vec<ReplicaRecord>,
    /// The configurations of its revisions.
    pub configurations: BTreeMap<ConfigurationId, Configuration>,
}

/// The part of a ledger, beside the deployment itself, that an entry reads or changes. What it does to this part is
/// what it does to the whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach<'a> {
    /// All revisions.
    pub revisions: bool,
    /// This rollout.
    pub rollout: Option<RolloutNumber>,
    /// This replica.
    pub replica: Option<&'a ReplicaId>,
}

impl<'a> Reach<'a> {
    /// The reach of `event`; none where it changes nothing that a deployment has come to, and only adds to what it has.
    pub fn of(event: &'a Event) -> Option<Self> {
        let nothing = Self::default();
        Some(match event {
            Event::RolloutStarted { .. }
            | Event::RevisionQuarantined { .. }
            | Event::QuarantineLifted { .. }
            | Event::RevisionRemoved { .. } => Self { revisions: true, ..nothing },
            Event::RolloutMoved { number, .. } => Self { revisions: true, rollout: Some(*number), ..nothing },
            Event::RolloutProgressed { number, .. }
            | Event::RolloutUnattended { number, .. }
            | Event::ReceiptClosed { number, .. } => Self { rollout: Some(*number), ..nothing },
            Event::StepTaken { rollout, .. } => Self { rollout: Some((*rollout)?), ..nothing },
            Event::TargetUnseen { rollout, .. } | Event::TargetSeen { rollout } => {
                Self { rollout: *rollout, ..nothing }
            }
            // One that is new comes last, and of one that is known nothing stays.
            Event::ReplicaChanged { .. } => nothing,
            Event::ReplicaForgotten { id } => Self { replica: Some(id), ..nothing },
            Event::DeploymentCreated { .. }
            | Event::DeploymentChanged { .. }
            | Event::StatusChanged { .. }
            | Event::Scaled { .. }
            | Event::Deactivated { .. }
            | Event::DeleteRequested { .. }
            | Event::AccessChanged { .. }
            | Event::UseCaseLinked { .. }
            | Event::UseCaseUnlinked { .. }
            | Event::DeploymentDeleted { .. } => nothing,
            Event::ModelRegistered { .. }
            | Event::ModelDeleted { .. }
            | Event::CheckStarted { .. }
            | Event::CheckMoved { .. }
            | Event::CheckEnded { .. }
            | Event::ConfigurationCreated { .. }
            | Event::KeyRegenerated { .. }
            | Event::TokensRevoked {}
            | Event::StatisticsCleared { .. }
            | Event::MemberAdded { .. }
            | Event::MemberChanged { .. }
            | Event::PersonErased { .. }
            | Event::GroupChanged { .. }
            | Event::GroupDeleted { .. }
            | Event::PersonInvited { .. }
            | Event::InvitationWithdrawn { .. }
            | Event::SignedIn { .. }
            | Event::SessionsEnded { .. }
            | Event::PasswordChanged {}
            | Event::IdentityLinked {}
            | Event::IdentityUnlinked { .. }
            | Event::AdminLinkMade { .. }
            | Event::TokenIssued { .. }
            | Event::TokenRevoked { .. }
            | Event::ChangeAsked { .. }
            | Event::ChangeEdited { .. }
            | Event::ChangeReviewed { .. }
            | Event::ReviewWithdrawn { .. }
            | Event::ChangeMoved { .. }
            | Event::PolicyChanged { .. }
            | Event::PolicyDeleted { .. }
            | Event::FreezeChanged { .. }
            | Event::FreezeDeleted { .. }
            | Event::UseCaseChanged { .. }
            | Event::UseCaseDeleted { .. }
            | Event::ApplicationCreated { .. }
            | Event::ApplicationChanged { .. }
            | Event::ApplicationDeleted {}
            | Event::GlassBroken { .. }
            | Event::GlassAcknowledged { .. }
            | Event::EntriesLost { .. } => return None,
        })
    }
}

impl Ledger {
    /// The ledger that `entry`, which is about this deployment, makes of it: a deployment begins with the entry that
    /// creates it, and is gone with the one that says it was deleted.
    pub fn after(before: Option<Self>, entry: &Entry) -> Option<Self> {
        match before {
            None => Deployment::made(entry).map(Self::of),
            Some(_) if matches!(entry.event, Event::DeploymentDeleted { .. }) => None,
            Some(mut ledger) => {
                ledger.enter(entry);
                Some(ledger)
            }
        }
    }

    /// The ledger of a deployment that has nothing else yet.
    pub fn of(deployment: Deployment) -> Self {
        Self {
            deployment,
            revisions: Revisions::new(),
            rollouts: Rollouts::new(),
            replicas: Vec::new(),
            configurations: BTreeMap::new(),
        }
    }

    /// Enters an entry about this deployment. Each part changes by what the others were before.
    fn enter(&mut self, entry: &Entry) {
        self.deployment.enter(entry, &self.revisions, &self.rollouts);
        revision::enter(&mut self.revisions, entry, &self.rollouts);
        rollout::enter(&mut self.rollouts, entry);
        match &entry.event {
            Event::ReplicaChanged { replica } => match self.replicas.iter_mut().find(|known| known.id == replica.id) {
                Some(known) => known.clone_from(replica),
                None => self.replicas.push(replica.clone()),
            },
            Event::ReplicaForgotten { id } => self.replicas.retain(|replica| replica.id != *id),
            Event::ConfigurationCreated { id, configuration } => {
                self.configurations.insert(id.clone(), configuration.as_ref().clone());
            }
            _ => {}
        }
    }

    /// Ends the row of failed starts of each revision in `ready`, of which a replica has become ready, whichever replicas
    /// failed: those whose record this changes.
    pub fn end_failed_starts(&mut self, ready: &BTreeSet<RevisionNumber>) -> Vec<&ReplicaRecord> {
        let of_ready = self.replicas.iter_mut().filter(|record| ready.contains(&record.revision));
        let ended = of_ready.filter_map(|record| (std::mem::take(&mut record.start_failures) > 0).then_some(&*record));
        ended.collect()
    }

    /// The rollout in progress.
    pub fn rollout(&self) -> Option<&Rollout> {
        self.deployment.rollout.and_then(|number| self.rollouts.get(&number))
    }

    /// The revision that `rollout` goes back to when it fails, if there is one.
    pub fn good_before(&self, rollout: RolloutNumber) -> Option<RevisionNumber> {
        good_before(self.rollouts.get(&rollout), &self.revisions)
    }
}
