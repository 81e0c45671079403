//! What was last seen of a replica, and what is meant to become of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Exit status by which a replica's process, or its program, says that it would end the same way at every further try
/// (`EX_CONFIG` of `sysexits.h`). The last line of its output says why.
pub const CANNOT_RUN: u8 = 78;

/// What was last seen of a replica's process. *Unknown* is written before anything is done to it
/// and stays until somebody has looked: it is never taken for ready nor for gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "seen", rename_all = "snake_case")]
pub enum Observed {
    /// Nobody has looked since it was last touched.
    Unknown,
    /// There is no such process.
    Absent,
    /// It runs and has not been ready yet.
    Starting {
        /// When it was started.
        since: Timestamp,
    },
    /// Its health route answers 200.
    Ready {
        /// Since when without a break.
        since: Timestamp,
    },
    /// It runs, was ready, and fails its health route.
    Unready {
        /// When it was found failing; where it rests first, when it should be well again.
        since: Timestamp,
    },
    /// Its process has ended by itself.
    Exited {
        /// When that was seen.
        at: Timestamp,
    },
}

impl Observed {
    /// Whether a process may exist, so that it counts against the highest total.
    pub fn may_exist(self) -> bool {
        !matches!(self, Self::Absent | Self::Exited { .. })
    }

    /// Whether it has ended, is gone, or fails.
    pub fn has_failed(self) -> bool {
        matches!(self, Self::Absent | Self::Exited { .. } | Self::Unready { .. })
    }

    /// Orders those that are ready by how long they have been: the youngest first.
    pub(crate) fn is_youngest(self) -> std::cmp::Reverse<Option<Timestamp>> {
        std::cmp::Reverse(match self {
            Self::Ready { since } => Some(since),
            _ => None,
        })
    }

    /// Since when it has not been ready, where that is known.
    pub(crate) fn not_ready_since(self) -> Option<Timestamp> {
        match self {
            Self::Starting { since } | Self::Unready { since } | Self::Exited { at: since } => Some(since),
            Self::Unknown | Self::Absent | Self::Ready { .. } => None,
        }
    }

    /// Whether its health route answers.
    pub fn is_ready(self) -> bool {
        matches!(self, Self::Ready { .. })
    }
}

/// What is meant to become of a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "meant", rename_all = "snake_case")]
pub enum Intent {
    /// To serve.
    Run,
    /// To finish the requests it has, and get no new ones.
    Drain {
        /// When it was taken off the route.
        since: Timestamp,
    },
    /// To end.
    Stop {
        /// When it was told to.
        since: Timestamp,
    },
}

/// A replica's state in one word, as the contract and the screen show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ReplicaState {
    /// It runs and has not been ready yet.
    Starting,
    /// It gets requests.
    Ready,
    /// It was ready and fails its health route.
    Unready,
    /// It finishes the requests it has.
    Draining,
    /// It was told to end.
    Stopped,
    /// Its process has ended by itself.
    Failed,
    /// Nobody has looked since it was last touched.
    Unknown,
}

impl ReplicaState {
    /// The word for what is meant and what was seen.
    pub fn of(intent: Intent, observed: Observed) -> Self {
        match (intent, observed) {
            (Intent::Stop { .. }, _) => Self::Stopped,
            (Intent::Drain { .. }, _) => Self::Draining,
            (Intent::Run, Observed::Unknown) => Self::Unknown,
            (Intent::Run, Observed::Starting { .. }) => Self::Starting,
            (Intent::Run, Observed::Ready { .. }) => Self::Ready,
            (Intent::Run, Observed::Unready { .. }) => Self::Unready,
            (Intent::Run, Observed::Absent | Observed::Exited { .. }) => Self::Failed,
        }
    }
}
