//! A deployment as the journal has made it, and what an entry does to it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::revision::{Revisions, good_before};
use super::rollout::Rollouts;
use crate::access::{DefaultAccess, Grant, Grants, Role};
use crate::change::Change;
use crate::configuration::Configuration;
use crate::deployment::{LastOperation, OnFailure, OperationKind, Status, TargetStatus, Terms};
use crate::event::{Entry, Event};
use crate::freeze::Freezable;
use crate::id::{
    Actor, ConfigurationId, DeploymentId, DeploymentName, Generation, RevisionNumber, RolloutNumber, TargetName,
    UseCaseId,
};
use crate::principal::PrincipalId;
use crate::rollout::{Phase, RolloutEvent, RolloutKind};

/// A deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deployment {
    /// Names it for good.
    pub id: DeploymentId,
    /// Its name, the first segment of its inference URL.
    pub name: DeploymentName,
    /// The target that its replicas run on.
    pub target: TargetName,
    /// Its terms.
    #[serde(flatten)]
    pub terms: Terms,
    /// When it is removed by itself.
    pub expires_at: Option<Timestamp>,
    /// Its status now.
    pub status: Status,
    /// The status that it is meant to reach.
    pub target_status: TargetStatus,
    /// The operation that was last asked for.
    pub last_operation: LastOperation,
    /// Counts every change of the intent.
    pub generation: Generation,
    /// The revision that every replica should run; none before the first rollout, and after that one has failed.
    pub intended: Option<RevisionNumber>,
    /// The newest revision that was ever made; the next one is one higher.
    pub newest_revision: RevisionNumber,
    /// The newest rollout that was ever started.
    pub newest_rollout: RolloutNumber,
    /// The revision that last completed its rollout.
    #[serde(rename = "good")]
    pub last_good: Option<RevisionNumber>,
    /// The configuration of that revision (SAP-6).
    pub last_running_configuration: Option<ConfigurationId>,
    /// The rollout in progress.
    pub rollout: Option<RolloutNumber>,
    /// The failed revision whose ready replicas serve on beside the intended one (`on_failure` is `stop`).
    #[serde(default, rename = "kept")]
    pub survivors_of: Option<RevisionNumber>,
    /// Its last rollout failed and nothing is to be undone, nor anything else done, until somebody acts.
    #[serde(default, rename = "held")]
    pub left_as_failed: bool,
    /// The number of replicas that autoscaling has come to.
    #[serde(default)]
    pub scale: Option<u32>,
    /// Number of times that every replica was asked to be replaced by one like it; revisions since then count as new
    /// code.
    #[serde(default)]
    pub relaunches: u32,
    /// Its target cannot be seen; the status is *unknown* meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out_of_sight: Option<OutOfSight>,
    /// The problem that somebody must know of, a sentence for people.
    pub error: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// The person who made it.
    pub created_by: Actor,
    /// The roles that were given on it.
    #[serde(default)]
    pub access: Grants,
    /// The use cases that it is linked to (DR-14).
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub use_cases: BTreeSet<UseCaseId>,
}

impl Deployment {
    /// The revision to show: the one intended, else the newest there was.
    pub fn shown_revision(&self) -> RevisionNumber {
        self.intended.unwrap_or(self.newest_revision)
    }

    /// It as freezes see it.
    pub fn freezable(&self) -> Freezable<'_> {
        Freezable { deployment: Some(&self.id), importance: self.terms.importance, use_cases: &self.use_cases }
    }

    /// True of a revision that stays with it: the one intended, and the one that a failure goes back to.
    pub fn holds(&self, revision: RevisionNumber) -> bool {
        [self.intended, self.last_good].contains(&Some(revision))
    }

    /// True of such a revision while there are to be replicas: its configuration, with the model that it binds, is in
    /// use.
    pub fn uses(&self, revision: RevisionNumber) -> bool {
        self.target_status == TargetStatus::Running && self.holds(revision)
    }

    /// True of the revision whose configuration comes back when the deployment, which is deactivated, is activated.
    pub fn comes_back_with(&self, revision: RevisionNumber) -> bool {
        self.target_status == TargetStatus::Stopped && self.shown_revision() == revision
    }

    /// A change to `configuration`, whose id is `id`, by the deployment's own terms and for no reason given. `desired`
    /// is the number of replicas that it begins with. A deployment without replicas has nothing to go back to.
    pub fn change_to(
        &self,
        kind: RolloutKind,
        id: ConfigurationId,
        configuration: &Configuration,
        desired: u32,
    ) -> Change {
        let is_activation = kind == RolloutKind::Activate;
        Change {
            kind,
            configuration: id,
            from_revision: self.last_good.filter(|_| !is_activation),
            strategy: self.terms.strategy,
            on_failure: if is_activation { OnFailure::Revert } else { self.terms.on_failure },
            scale: configuration.autoscaling.map(|_| desired),
            reason: None,
            note: None,
            rolled_back_to: None,
            quarantine_override: None,
            accept_warnings: false,
            compatibility: None,
        }
    }

    /// The deployment that `entry` makes, if it makes one.
    pub(super) fn made(entry: &Entry) -> Option<Self> {
        let Event::DeploymentCreated { name, target, expires_at, default_access, terms } = &entry.event else {
            return None;
        };
        Some(Self {
            id: entry.deployment.clone()?,
            name: name.clone(),
            target: target.clone(),
            terms: terms.clone(),
            expires_at: *expires_at,
            status: Status::Pending,
            target_status: TargetStatus::Running,
            last_operation: operation(OperationKind::Create, entry),
            generation: Generation(0),
            intended: None,
            newest_revision: RevisionNumber(0),
            newest_rollout: RolloutNumber(0),
            last_good: None,
            last_running_configuration: None,
            rollout: None,
            survivors_of: None,
            left_as_failed: false,
            scale: None,
            relaunches: 0,
            out_of_sight: None,
            error: None,
            created_at: entry.at,
            created_by: entry.actor.clone(),
            access: granted_at_first(entry, *default_access),
            use_cases: BTreeSet::new(),
        })
    }

    /// Enters `entry`. The revisions and rollouts are those from before it.
    pub(super) fn enter(&mut self, entry: &Entry, revisions: &Revisions, rollouts: &Rollouts) {
        match &entry.event {
            Event::DeploymentChanged { terms } => {
                self.terms.change(terms);
                self.asked(OperationKind::Update, entry);
            }
            Event::RolloutStarted { number, to_revision, change, .. } => {
                let is_first = self.newest_rollout == RolloutNumber(0);
                self.generation = self.generation.next();
                match change.kind {
                    RolloutKind::Update if is_first => {}
                    RolloutKind::Update => {
                        let update = operation(OperationKind::Update, entry);
                        self.last_operation = LastOperation { rolled_back_to: change.rolled_back_to, ..update };
                    }
                    RolloutKind::Relaunch => {
                        self.last_operation = operation(OperationKind::Relaunch, entry);
                        self.relaunches += 1;
                    }
                    RolloutKind::Activate => {
                        self.last_operation = operation(OperationKind::Activate, entry);
                        self.target_status = TargetStatus::Running;
                        (self.status, self.error) = (Status::Pending, None);
                    }
                }
                (self.survivors_of, self.left_as_failed) = (None, false);
                self.scale = change.scale;
                self.intended = Some(*to_revision);
                self.newest_revision = *to_revision;
                self.newest_rollout = *number;
                self.rollout = Some(*number);
            }
            Event::RolloutMoved { number, event, phase, .. } => {
                self.moved(*number, *event, *phase, revisions, rollouts);
            }
            Event::TargetUnseen { why, .. } => self.lose_sight(why),
            Event::TargetSeen { .. } => self.come_into_sight(),
            Event::StatusChanged { status, error } => {
                self.status = *status;
                self.error.clone_from(error);
            }
            Event::Scaled { to, .. } => self.scale = Some(*to),
            Event::Deactivated { .. } => {
                self.target_status = TargetStatus::Stopped;
                (self.status, self.error) = (Status::Stopping, None);
                self.asked(OperationKind::Deactivate, entry);
                (self.survivors_of, self.left_as_failed, self.scale) = (None, false, None);
            }
            Event::RevisionQuarantined { .. } | Event::QuarantineLifted { .. } | Event::RevisionRemoved { .. } => {
                self.generation = self.generation.next();
            }
            Event::AccessChanged { principal, role: Some(role) } => {
                self.access.insert(principal.clone(), grant(*role, entry));
            }
            Event::AccessChanged { principal, role: None } => {
                self.access.remove(principal);
            }
            Event::UseCaseLinked { use_case } => {
                self.use_cases.insert(use_case.clone());
            }
            Event::UseCaseUnlinked { use_case } => {
                self.use_cases.remove(use_case);
            }
            Event::DeleteRequested { .. } => {
                self.target_status = TargetStatus::Deleted;
                self.status = Status::Stopping;
                self.asked(OperationKind::Delete, entry);
                self.intended = None;
            }
            _ => {}
        }
        self.stay_out_of_sight();
    }

    /// Sets status and error aside while its target cannot be seen, which is its error from then on.
    fn lose_sight(&mut self, why: &str) {
        let before = self.out_of_sight.take();
        let (status, error) = before.map_or((self.status, self.error.take()), |before| (before.status, before.error));
        self.out_of_sight = Some(OutOfSight { status, error, why: why.to_owned() });
        (self.status, self.error) = (Status::Unknown, Some(why.to_owned()));
    }

    /// Brings back what was set aside.
    fn come_into_sight(&mut self) {
        if let Some(before) = self.out_of_sight.take() {
            (self.status, self.error) = (before.status, before.error);
        }
    }

    /// Sets a status aside that it was given while its target cannot be seen.
    fn stay_out_of_sight(&mut self) {
        if let Some(before) = self.out_of_sight.as_mut().filter(|_| self.status != Status::Unknown) {
            before.status = std::mem::replace(&mut self.status, Status::Unknown);
            if self.error.as_ref() != Some(&before.why) {
                before.error = self.error.replace(before.why.clone());
            }
        }
    }

    /// Somebody asked for an operation that changes the intent.
    fn asked(&mut self, kind: OperationKind, entry: &Entry) {
        self.generation = self.generation.next();
        self.last_operation = operation(kind, entry);
    }

    /// Its rollout moved: what is intended from now on, and what is left over from it.
    fn moved(
        &mut self,
        number: RolloutNumber,
        event: RolloutEvent,
        phase: Phase,
        revisions: &Revisions,
        rollouts: &Rollouts,
    ) {
        if matches!(event, RolloutEvent::Pause | RolloutEvent::Resume | RolloutEvent::Cancel) {
            self.generation = self.generation.next();
        }
        match (phase, event) {
            (Phase::Completed, _) => {
                self.last_good = self.intended;
                let brought = self.last_good.and_then(|number| revisions.get(&number));
                self.last_running_configuration = brought.map(|revision| revision.configuration.clone());
            }
            (Phase::Failed, RolloutEvent::Stop(_)) => self.survivors_of = self.intended,
            (Phase::Failed, _) => self.left_as_failed = true,
            _ => {}
        }
        let rollout = rollouts.get(&number);
        match (event, phase) {
            // A person who cancels means the revision before, whatever is said of it.
            (RolloutEvent::Cancel, _) => {
                let before = rollout.and_then(|rollout| rollout.change.from_revision);
                self.intended = before.and(self.last_good);
            }
            // Another rollout says at once what is meant now; who takes the replicas away leaves the last good one to
            // be activated.
            (RolloutEvent::Supersede, _) => {
                self.intended = good_before(rollout, revisions).or(self.last_good).or(self.intended);
            }
            (RolloutEvent::Fail(_), Phase::Reverting(_)) | (RolloutEvent::Stop(_), _) => {
                self.intended = good_before(rollout, revisions);
            }
            _ => {}
        }
        if !phase.is_active() {
            self.rollout = None;
        }
    }
}

/// Whoever makes a deployment owns it.
fn granted_at_first(entry: &Entry, everyone: DefaultAccess) -> Grants {
    let everyone = everyone.role().map(|role| (PrincipalId::everyone(), grant(role, entry)));
    everyone.into_iter().chain([(PrincipalId::of(&entry.actor), grant(Role::Owner, entry))]).collect()
}

fn grant(role: Role, entry: &Entry) -> Grant {
    Grant { role, by: entry.actor.clone(), at: entry.at }
}

fn operation(kind: OperationKind, entry: &Entry) -> LastOperation {
    LastOperation { kind, at: entry.at, actor: entry.actor.clone(), rolled_back_to: None }
}

/// The status and error of a deployment before its target went out of sight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutOfSight {
    /// Its status before, or what it has become since.
    pub status: Status,
    /// Its error.
    pub error: Option<String>,
    /// The reason why the target cannot be seen.
    pub why: String,
}
