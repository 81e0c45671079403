//! The one condition that a deployment is said to be in, and why: a glance must not have to weigh a status, an operation, a
//! rollout and a request against each other.
//!
//! The list and its order are those of the drawn screens: the worst wins.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::change_request::{RequestState, WaitingFor};
use crate::deployment::{OperationKind, Status};
use crate::replica::{Intent, Observed, PROVEN, ReplicaCounts, ReplicaRecord};
use crate::rollout::Phase;

/// Failures in a row of one replica from which on it crashes, as opposed to having been restarted once.
const CRASHING: u32 = 2;
/// The time for which a replica may be not ready before somebody is told.
const PATIENCE: SignedDuration = SignedDuration::from_mins(1);

words! {
    /// The condition of a deployment, the worst first.
    pub enum ConditionWord {
        /// Its intended configuration cannot run; somebody must act.
        Dead = "dead",
        /// A replica fails again and again.
        Crashing = "crashing",
        /// Its target cannot be seen.
        Unreachable = "unreachable",
        /// It runs, and a replica has not been ready for a minute.
        NotAllReady = "not_all_ready",
        /// Its last rollout failed, and nothing has come after it.
        UpdateFailed = "update_failed",
        /// The base that a change request was approved for has moved.
        Stale = "stale",
        /// Its rollout is paused.
        Paused = "paused",
        /// A freeze keeps a change from starting.
        Held = "held",
        /// A change request waits for reviewers.
        WaitsForApproval = "waits_for_approval",
        /// A change waits for its time.
        Scheduled = "scheduled",
        /// Replicas are being replaced.
        Updating = "updating",
        /// Replicas go back to the revision before.
        Returning = "returning",
        /// Its replicas are being started.
        Starting = "starting",
        /// Its replicas are being stopped.
        Stopping = "stopping",
        /// It runs, and nothing is wrong.
        Running = "running",
        /// It has no replicas, on purpose.
        Stopped = "stopped",
    }
}

impl ConditionWord {
    /// True while time alone may bring another one: a replica that is not ready grows late, one that failed again and again
    /// proves itself. Everything else that changes a condition has its entry in the journal.
    pub fn is_moved_by_time(self, replicas: ReplicaCounts) -> bool {
        self == Self::Crashing || !replicas.is_settled()
    }

    /// True where something is wrong that a person should look at.
    pub fn needs_attention(self) -> bool {
        self <= Self::UpdateFailed
    }
}

/// The condition of a deployment, and why it is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Condition {
    /// The condition in a word.
    pub word: ConditionWord,
    /// The cause in a sentence, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// All that a condition follows from.
#[derive(Clone, Copy, Debug)]
pub struct ConditionFacts<'a> {
    /// Its status.
    pub status: Status,
    /// The problem that somebody must know of.
    pub error: Option<&'a str>,
    /// The operation in progress.
    pub operation: Option<OperationKind>,
    /// The phase of its newest rollout, and the problem that it failed with.
    pub rollout: Option<(Phase, Option<&'a str>)>,
    /// Whoever looks has dismissed the failure of that rollout.
    pub dismissed: bool,
    /// Its replicas.
    pub replicas: &'a [ReplicaRecord],
    /// The states of its change requests that have not ended, and what those wait for that could start.
    pub requests: &'a [(RequestState, Option<WaitingFor>)],
    /// The time of the look.
    pub now: Timestamp,
}

impl ConditionFacts<'_> {
    /// The condition that they come to.
    pub fn condition(self) -> Condition {
        let (word, why) = self.wrong().unwrap_or_else(|| (self.usual(), None));
        Condition { word, why }
    }

    /// What is wrong, if something is.
    fn wrong(self) -> Option<(ConditionWord, Option<String>)> {
        let said = |text: Option<&str>| text.map(str::to_owned);
        match self.status {
            Status::Dead => return Some((ConditionWord::Dead, said(self.error))),
            Status::Stopped => return None,
            _ => {}
        }
        let mut meant = self.replicas.iter().filter(|replica| replica.intent == Intent::Run);
        let is_proven = |replica: &ReplicaRecord| matches!(replica.observed, Observed::Ready { since } if self.now.duration_since(since) >= PROVEN);
        let crashes = |replica: &&ReplicaRecord| replica.failures >= CRASHING && !is_proven(replica);
        if let Some(crashing) = meant.clone().find(crashes) {
            return Some((ConditionWord::Crashing, crashing.problem.clone()));
        }
        if self.status == Status::Unknown {
            return Some((ConditionWord::Unreachable, said(self.error)));
        }
        let late = |replica: &ReplicaRecord| {
            let since = replica.observed.not_ready_since();
            since.is_some_and(|since| self.now.duration_since(since) >= PATIENCE)
        };
        // While replicas are replaced or started, that some are not ready is what was asked for.
        if self.operation.is_none()
            && let Some(late) = meant.find(|replica| late(replica))
        {
            return Some((ConditionWord::NotAllReady, late.problem.clone()));
        }
        let (phase, error) = self.rollout?;
        let failed = phase.word().is_failure() && !self.dismissed;
        failed.then(|| (ConditionWord::UpdateFailed, said(error)))
    }

    /// What goes on, or waits, where nothing is wrong.
    fn usual(self) -> ConditionWord {
        let asked = |wanted: &[RequestState]| self.requests.iter().any(|(state, _)| wanted.contains(state));
        let phase = self.rollout.map(|(phase, _)| phase).filter(|phase| phase.is_active());
        if asked(&[RequestState::Stale]) {
            return ConditionWord::Stale;
        }
        if phase == Some(Phase::Paused) {
            return ConditionWord::Paused;
        }
        if self.requests.iter().any(|(_, waiting)| *waiting == Some(WaitingFor::Freeze)) {
            return ConditionWord::Held;
        }
        if asked(&[RequestState::Open, RequestState::ChangesRequested]) {
            return ConditionWord::WaitsForApproval;
        }
        if asked(&[RequestState::Scheduled]) {
            return ConditionWord::Scheduled;
        }
        match (phase, self.operation, self.status) {
            (Some(Phase::Reverting(_)), ..) => ConditionWord::Returning,
            (_, Some(OperationKind::Update | OperationKind::Relaunch), _) => ConditionWord::Updating,
            (_, Some(OperationKind::Create | OperationKind::Activate), _) => ConditionWord::Starting,
            (_, Some(OperationKind::Deactivate | OperationKind::Delete), _) => ConditionWord::Stopping,
            (_, None, Status::Pending) => ConditionWord::Starting,
            (_, None, Status::Stopping) => ConditionWord::Stopping,
            (_, None, Status::Stopped) => ConditionWord::Stopped,
            (_, None, Status::Running | Status::Dead | Status::Unknown) => ConditionWord::Running,
        }
    }
}

#[cfg(test)]
mod tests;
