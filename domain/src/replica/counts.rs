//! Replicas of a deployment counted by state.

use serde::{Deserialize, Serialize};

use super::{ReplicaRecord, ReplicaState};

/// Replicas counted by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplicaCounts {
    /// Wanted.
    pub desired: u32,
    /// Taking requests.
    pub ready: u32,
    /// Not ready yet.
    pub starting: u32,
    /// Finishing their last requests, or ending.
    pub draining: u32,
    /// Failing their health route, ended by themselves, or not seen.
    pub unready: u32,
}

impl ReplicaCounts {
    /// Those of a deployment that wants `desired` of them.
    pub fn of(desired: u32, replicas: &[ReplicaRecord]) -> Self {
        let mut counts = Self { desired, ..Self::default() };
        for record in replicas {
            let count = match ReplicaState::of(record.intent, record.observed) {
                ReplicaState::Ready => &mut counts.ready,
                ReplicaState::Starting => &mut counts.starting,
                ReplicaState::Draining | ReplicaState::Stopped => &mut counts.draining,
                ReplicaState::Unready | ReplicaState::Failed | ReplicaState::Unknown => &mut counts.unready,
            };
            *count += 1;
        }
        counts
    }

    /// True when each that is wanted takes requests, and no other is to.
    pub fn is_settled(self) -> bool {
        self.ready >= self.desired && self.starting == 0 && self.unready == 0
    }
}
