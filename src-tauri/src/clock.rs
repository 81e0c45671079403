//! What time it is: the system's clock, read once when the program starts, and from then on the monotonic clock.
//!
//! # Guarantees
//!
//! - Time never jumps and never goes back while the program runs, whatever is done to the system's clock. What is measured
//!   between two moments is how long it took; the time for which the machine slept is not counted.
//! - A start never lies before the last entry of the journal, so that a clock that was set back turns no order around. Such
//!   a server's times run ahead of the system's until the system's clock has caught up and the server is started again.
//!
//! Nobody else here asks the system what time it is (`tests/house`).

use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// A clock. Copies show the same time. With paused runtime time it stands still with it.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// The time of day…
    epoch: Timestamp,
    /// …at this instant.
    at: Instant,
}

/// A system's clock that is later is wrong; no sum of a time and a setting lies beyond what a [`Timestamp`] can hold.
const LATEST: SignedDuration = SignedDuration::from_hours(7_000 * 365 * 24);

impl Clock {
    /// Shows the system's time, or `last` where that is later.
    pub fn start(last: Option<Timestamp>) -> Self {
        Self::starting(SystemTime::now(), last)
    }

    fn starting(system: SystemTime, last: Option<Timestamp>) -> Self {
        let latest = Timestamp::UNIX_EPOCH + LATEST;
        let system = Timestamp::try_from(system).unwrap_or(latest).min(latest);
        Self::anchored(last.map_or(system, |last| last.max(system)))
    }

    /// Shows `epoch` now.
    pub fn anchored(epoch: Timestamp) -> Self {
        Self { epoch, at: Instant::now() }
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.at.elapsed()).unwrap_or(SignedDuration::ZERO);
        self.epoch.saturating_add(elapsed).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_starts_with_the_systems_time_and_never_before_the_last_entry() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let last = Timestamp::from_second(2_000).unwrap();
        let began = |system, last| Clock::starting(at(system), last).now().as_second();
        assert_eq!(began(3_000, Some(last)), 3_000);
        // Set back, as on a machine without a battery.
        assert_eq!(began(1_000, Some(last)), 2_000);
        assert_eq!(began(1_000, None), 1_000);
        let clock = Clock::starting(at(1_000), Some(last));
        tokio::time::advance(Duration::from_secs(7)).await;
        assert_eq!(clock.now().as_second(), 2_007);
    }

    #[tokio::test(start_paused = true)]
    async fn no_system_clock_is_so_wrong_that_nothing_can_be_added_to_it() {
        for system in
            [SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 55), SystemTime::UNIX_EPOCH - Duration::from_secs(1)]
        {
            let now = Clock::starting(system, None).now();
            assert!(now.checked_add(SignedDuration::from_hours(365 * 24)).is_ok(), "{now}");
        }
    }
}
