//! The replicas of a rollout as they stand now.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::id::ReplicaId;
use crate::replica::{Intent, Observed, ReplicaRecord, ReplicaState};

/// The replicas as they stand now.
pub(super) struct ReplicasNow {
    /// The state of each.
    pub(super) states: BTreeMap<ReplicaId, ReplicaState>,
    /// Those that are ready, and since when.
    pub(super) ready: BTreeMap<ReplicaId, Timestamp>,
}

impl ReplicasNow {
    pub(super) fn of(replicas: &[ReplicaRecord]) -> Self {
        let state = |record: &ReplicaRecord| match record.delivery {
            // It takes its new `user_config`.
            Some(_) if record.intent == Intent::Run && record.observed.is_ready() => ReplicaState::Starting,
            _ => ReplicaState::of(record.intent, record.observed),
        };
        let ready = |record: &ReplicaRecord| match (record.intent, record.observed) {
            (Intent::Run, Observed::Ready { since }) if record.delivery.is_none() => Some((record.id.clone(), since)),
            _ => None,
        };
        Self {
            states: replicas.iter().map(|record| (record.id.clone(), state(record))).collect(),
            ready: replicas.iter().filter_map(ready).collect(),
        }
    }
}
