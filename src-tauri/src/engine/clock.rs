//! What time it is, for the engine: the system's, or the runtime's own paused time in tests.

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// A clock. With paused runtime time it stands still with it.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// The system's.
    System,
    /// A time of day at an instant of the runtime.
    Anchored {
        /// The time of day.
        epoch: Timestamp,
        /// At this instant.
        at: Instant,
    },
}

impl Clock {
    /// Stands at `epoch` now.
    pub fn anchored(epoch: Timestamp) -> Self {
        Self::Anchored { epoch, at: Instant::now() }
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Anchored { epoch, at } => {
                *epoch + SignedDuration::try_from(at.elapsed()).unwrap_or(SignedDuration::ZERO)
            }
        }
    }
}
