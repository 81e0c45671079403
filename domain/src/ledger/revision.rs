//! Revisions as the journal has made them, and what an entry does to them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rollout::{Rollout, Rollouts};
use crate::deployment::Reason;
use crate::event::{Entry, Event};
use crate::id::{Actor, ConfigurationId, RevisionNumber, RolloutNumber};
use crate::revision::{Quarantine, RevisionState};
use crate::rollout::{Phase, RolloutEvent, RolloutKind};

/// The revisions of one deployment.
pub type Revisions = BTreeMap<RevisionNumber, Revision>;

/// One revision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Revision {
    /// The number of the revision.
    pub number: RevisionNumber,
    /// The configuration that it was given.
    pub configuration: ConfigurationId,
    /// The rollout that brought it.
    pub rollout: RolloutNumber,
    /// The state that it has come to.
    pub state: RevisionState,
    /// Known to be bad.
    pub quarantined: Option<Quarantine>,
    /// When it was made.
    pub created_at: Timestamp,
    /// The reason.
    pub reason: Option<Reason>,
    /// The person who made it.
    pub actor: Actor,
    /// Number of relaunches of the deployment by then: replicas of an earlier count are not alike.
    #[serde(default)]
    pub relaunches: u32,
    /// The earlier revision whose configuration it was made to go back to. A relaunch or an activation keeps what it
    /// finds: it changes no content.
    #[serde(default)]
    pub rolled_back_to: Option<RevisionNumber>,
}

/// The revision that a failed or cancelled rollout goes back to: the newest that has worked and is not known to be
/// bad (CO-6); none for a rollout that had nothing to go back to when it began.
pub(super) fn good_before(rollout: Option<&Rollout>, revisions: &Revisions) -> Option<RevisionNumber> {
    rollout?.change.from_revision?;
    let worked = |revision: &&Revision| matches!(revision.state, RevisionState::InUse | RevisionState::Past);
    revisions.values().rev().filter(worked).find(|revision| revision.quarantined.is_none()).map(|found| found.number)
}

/// Enters `entry`. The rollouts are those from before it.
pub(super) fn enter(revisions: &mut Revisions, entry: &Entry, rollouts: &Rollouts) {
    match &entry.event {
        Event::RolloutStarted { number, to_revision, change, .. } => {
            let earlier = revisions.values().map(|revision| revision.relaunches).max().unwrap_or(0);
            let same = revisions.values().rev().find(|revision| revision.configuration == change.configuration);
            let revision = Revision {
                number: *to_revision,
                configuration: change.configuration.clone(),
                rollout: *number,
                state: RevisionState::Deploying,
                quarantined: None,
                created_at: entry.at,
                reason: change.reason,
                actor: entry.actor.clone(),
                relaunches: earlier + u32::from(change.kind == RolloutKind::Relaunch),
                rolled_back_to: match change.kind {
                    RolloutKind::Update => change.rolled_back_to,
                    RolloutKind::Relaunch | RolloutKind::Activate => same.and_then(|found| found.rolled_back_to),
                },
            };
            revisions.insert(revision.number, revision);
        }
        Event::RolloutMoved { number, event, phase, problem, blameless, .. } => {
            // Replicas that are only started anew say nothing of a content that has run.
            let is_update = rollouts.get(number).is_some_and(|rollout| rollout.change.kind == RolloutKind::Update);
            let bad = (is_update && !blameless)
                .then(|| Quarantine { reason: problem.clone().unwrap_or_default(), at: entry.at });
            for revision in revisions.values_mut() {
                if revision.rollout == *number {
                    revision.brought(*event, *phase, bad.as_ref());
                } else if *phase == Phase::Completed && revision.state == RevisionState::InUse {
                    revision.state = RevisionState::Past;
                }
            }
        }
        Event::RevisionQuarantined { number, reason } => {
            let quarantine = Quarantine { reason: reason.clone(), at: entry.at };
            mark(revisions, *number, Some(quarantine));
        }
        Event::QuarantineLifted { number, .. } => mark(revisions, *number, None),
        Event::RevisionRemoved { number } => {
            revisions.remove(number);
        }
        _ => {}
    }
}

impl Revision {
    /// The rollout that brought it moved. Its revision is known to be bad from the moment the rollout fails, with the
    /// reason that was given then, which is `bad`; none where the failure says nothing against it.
    fn brought(&mut self, event: RolloutEvent, phase: Phase, bad: Option<&Quarantine>) {
        match (event, phase) {
            (RolloutEvent::Fail(_), Phase::Reverting(_)) => {}
            (RolloutEvent::Stop(_) | RolloutEvent::Die(_), Phase::Failed) => self.state = RevisionState::Failed,
            (_, Phase::Completed) => {
                self.state = RevisionState::InUse;
                return;
            }
            _ => {
                if !phase.is_active() {
                    self.state = RevisionState::Failed;
                }
                return;
            }
        }
        if bad.is_some() {
            self.quarantined = bad.cloned();
        }
    }
}

fn mark(revisions: &mut Revisions, number: RevisionNumber, quarantined: Option<Quarantine>) {
    if let Some(revision) = revisions.get_mut(&number) {
        revision.quarantined = quarantined;
    }
}
