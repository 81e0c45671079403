//! The steps that the planner knows, and its decision for one of them.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::id::{ReplicaId, RevisionNumber};
use crate::replica::{Intent, Observed, ReplicaRecord};
use crate::step_kind::StepKind;

/// The smallest thing the engine does before it looks again. Each is safe to repeat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Step {
    /// Start one more replica.
    Start {
        /// The revision of the replica.
        revision: RevisionNumber,
    },
    /// Start the process of this replica again.
    Restart {
        /// The replica.
        replica: ReplicaId,
    },
    /// Count this running replica to another revision; its process is left alone.
    Relabel {
        /// The replica.
        replica: ReplicaId,
        /// Its new revision.
        revision: RevisionNumber,
    },
    /// Give this running replica another revision's `user_config`, and count it to that revision (RAY-4).
    Reconfigure {
        /// The replica.
        replica: ReplicaId,
        /// Its new revision.
        revision: RevisionNumber,
    },
    /// Give this replica no new requests.
    Drain {
        /// The replica.
        replica: ReplicaId,
    },
    /// End this replica's process.
    Stop {
        /// The replica.
        replica: ReplicaId,
    },
    /// Strike out a replica whose process is gone.
    Forget {
        /// The replica.
        replica: ReplicaId,
    },
}

impl Step {
    /// The kind that it is told as.
    pub fn kind(&self) -> StepKind {
        match self {
            Self::Start { .. } => StepKind::Start,
            Self::Restart { .. } => StepKind::Restart,
            Self::Relabel { .. } => StepKind::Relabel,
            Self::Reconfigure { .. } => StepKind::Reconfigure,
            Self::Drain { .. } => StepKind::Drain,
            Self::Stop { .. } => StepKind::Stop,
            Self::Forget { .. } => StepKind::Forget,
        }
    }
}

/// The decision of the planner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Do this, then look again.
    Do {
        /// The step.
        step: Step,
        /// The reason, in a sentence for people.
        reason: String,
    },
    /// Nothing can be done until something changes, or until then.
    Wait {
        /// When to look again at the latest.
        until: Option<Timestamp>,
        /// The awaited change, in a sentence for people.
        reason: String,
    },
    /// Everything is as it should be.
    Settled,
}

/// The pause before a replica that has failed `failures` times in a row is started again:
/// nothing the first time, then 0.5 s doubled each time, at most 30 s.
pub fn back_off(failures: u32) -> SignedDuration {
    match failures {
        0 | 1 => SignedDuration::ZERO,
        n => SignedDuration::from_millis((500i64 << (n - 2).min(10)).min(30_000)),
    }
}

/// When a replica that has failed is started again; none for one that has not, or is not to run.
pub fn next_start(record: &ReplicaRecord) -> Option<Timestamp> {
    match (record.intent, record.observed) {
        (Intent::Run, Observed::Exited { at } | Observed::Unready { since: at }) => {
            Some(at + back_off(record.failures))
        }
        _ => None,
    }
}

/// The decision for `step`.
pub(super) fn act(step: Step, reason: impl Into<String>) -> Option<Decision> {
    Some(Decision::Do { step, reason: reason.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_replica_starts_again_after_its_pause_and_no_other_does() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let record = |intent, observed, failures| ReplicaRecord {
            intent,
            observed,
            failures,
            ..ReplicaRecord::new("r1".parse().unwrap(), RevisionNumber(1), at(0))
        };
        let ended = Observed::Exited { at: at(10) };
        for (record, starts) in [
            (record(Intent::Run, ended, 1), Some(at(10))),
            (record(Intent::Run, ended, 3), Some(at(11))),
            (record(Intent::Run, Observed::Unready { since: at(10) }, 4), Some(at(12))),
            (record(Intent::Run, Observed::Ready { since: at(10) }, 4), None),
            (record(Intent::Drain { since: at(9) }, ended, 1), None),
        ] {
            assert_eq!(next_start(&record), starts, "{record:?}");
        }
    }
}
