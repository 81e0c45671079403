//! What time it is: the system's clock when the program starts, and from then on the monotonic clock, which is put forward
//! when the system's clock turns out to be ahead of it.
//!
//! # Flow
//!
//! The monotonic clock stands still while the machine sleeps, and nobody sets it. When the system's clock is found ahead,
//! the machine has slept or somebody has set its clock: the time between is *skipped*, and the engine and the schedule, which
//! wait for times, are told ([`Clock::skipped_beyond`]). Whoever asks for the time finds it out for all; the gateway asks every
//! second.
//!
//! # Guarantees
//!
//! - Time never goes back while the program runs, whatever is done to the system's clock.
//! - A time that people chose comes when the system's clock shows it, also after the machine slept.
//! - What was skipped can be told from what passed, so that it counts for no deadline of a rollout.
//! - A start never lies before the last entry of the journal, so that a clock that was set back turns no order around. Such
//!   a server's times run ahead of the system's until the system's clock has caught up and the server is started again; so
//!   do those of a server whose system's clock is set back while it runs, also when it was set forward by mistake before.
//!
//! Nobody else here asks the system what time it is (`tests/house`).

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use domain::plan::Skip;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tokio::time::Instant;

/// A clock. Clones are one and the same clock. With paused runtime time it stands still with it.
#[derive(Clone, Debug)]
pub struct Clock {
    /// The time of day…
    epoch: Timestamp,
    /// …at this instant.
    at: Instant,
    /// The clock that this one is put forward by; none where a test says what is skipped.
    system: Option<fn() -> SystemTime>,
    skipped: Arc<Skipped>,
}

/// The time that was skipped since the start.
#[derive(Debug, Default)]
struct Skipped {
    /// The sum of the spans. A span is in the list before it is in the sum.
    nanoseconds: AtomicI64,
    spans: Mutex<Vec<Skip>>,
    told: Notify,
}

/// So many spans are remembered. What began before more of them has had its time.
const MOST: usize = 64;

/// A moment that a clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockReading {
    /// The time.
    pub now: Timestamp,
    /// How much of the time since the start of the clock was skipped.
    pub skipped: SignedDuration,
}

/// A system's clock that is later is wrong; no sum of a time and a setting lies beyond what a [`Timestamp`] can hold.
const LATEST: SignedDuration = SignedDuration::from_hours(7_000 * 365 * 24);

/// The least that is skipped. What lies below is the time between two looks at two clocks.
const LEAST: SignedDuration = SignedDuration::from_millis(500);

impl Clock {
    /// Shows the system's time, or `last` where that is later.
    pub fn start(last: Option<Timestamp>) -> Self {
        Self::starting(SystemTime::now, last)
    }

    fn starting(system: fn() -> SystemTime, last: Option<Timestamp>) -> Self {
        let start = time_of(system());
        Self { system: Some(system), ..Self::anchored(last.map_or(start, |last| last.max(start))) }
    }

    /// Shows `epoch` now, whatever the system's clock shows, and skips what it is [told to](Self::skip).
    pub fn anchored(epoch: Timestamp) -> Self {
        Self { epoch, at: Instant::now(), system: None, skipped: Arc::default() }
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.read().now
    }

    /// The time, and how much was skipped until then.
    pub fn read(&self) -> ClockReading {
        // The system's clock first: a pause between the two makes it look earlier, and never later.
        let system = self.system.map(|system| time_of(system()));
        let awake = self.awake();
        let skipped = self.skipped();
        let behind = system.map_or(SignedDuration::ZERO, |system| system.duration_since(awake) - skipped);
        let skipped = if behind >= LEAST { self.skip_to(awake, skipped + behind) } else { skipped };
        ClockReading { now: awake.saturating_add(skipped).unwrap_or(Timestamp::MAX), skipped }
    }

    /// Puts the clock forward, as if the machine had slept.
    pub fn skip(&self, by: SignedDuration) {
        self.skip_to(self.awake(), self.skipped() + by);
    }

    /// The spans that were skipped, oldest first. All that the clock has been put forward by when it was read before this call
    /// are among them, the oldest of very many left out.
    pub fn skips(&self) -> Vec<Skip> {
        self.spans().clone()
    }

    /// Returns once more was skipped than this.
    pub async fn skipped_beyond(&self, seen: SignedDuration) {
        loop {
            // Before the look, so that nothing is missed that happens between the two.
            let told = self.skipped.told.notified();
            if self.skipped() > seen {
                return;
            }
            told.await;
        }
    }

    /// The time as it would be without skips.
    fn awake(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.at.elapsed()).unwrap_or(SignedDuration::ZERO);
        self.epoch.saturating_add(elapsed).unwrap_or(Timestamp::MAX)
    }

    fn skipped(&self) -> SignedDuration {
        SignedDuration::from_nanos(self.skipped.nanoseconds.load(Ordering::Acquire))
    }

    fn spans(&self) -> MutexGuard<'_, Vec<Skip>> {
        self.skipped.spans.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How much was skipped after all: others may have found out more.
    fn skip_to(&self, awake: Timestamp, skipped: SignedDuration) -> SignedDuration {
        let nanoseconds = i64::try_from(skipped.as_nanos()).unwrap_or(i64::MAX);
        let mut spans = self.spans();
        let before = self.skipped.nanoseconds.load(Ordering::Acquire);
        if before < nanoseconds {
            let shown = |skipped| awake.saturating_add(SignedDuration::from_nanos(skipped)).unwrap_or(Timestamp::MAX);
            let skip = Skip { since: shown(before), until: shown(nanoseconds) };
            spans.push(skip);
            let too_many = spans.len().saturating_sub(MOST);
            spans.drain(..too_many);
            self.skipped.nanoseconds.store(nanoseconds, Ordering::Release);
            let Skip { since, until } = skip;
            tracing::warn!(%since, %until, "the machine slept, or its clock was set forward: this time counts for no rollout");
            self.skipped.told.notify_waiters();
        }
        SignedDuration::from_nanos(before.max(nanoseconds))
    }
}

fn time_of(system: SystemTime) -> Timestamp {
    let latest = Timestamp::UNIX_EPOCH + LATEST;
    Timestamp::try_from(system).unwrap_or(latest).min(latest)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;
    use std::time::Duration;

    use futures_util::FutureExt as _;

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[tokio::test(start_paused = true)]
    async fn it_starts_with_the_systems_time_and_never_before_the_last_entry() {
        let last = Timestamp::from_second(2_000).unwrap();
        let began = |system, last| Clock::starting(system, last).now().as_second();
        assert_eq!(began(|| at(3_000), Some(last)), 3_000);
        // Set back, as on a machine without a battery.
        assert_eq!(began(|| at(1_000), Some(last)), 2_000);
        assert_eq!(began(|| at(1_000), None), 1_000);
        let clock = Clock::starting(|| at(1_000), Some(last));
        tokio::time::advance(Duration::from_secs(7)).await;
        assert_eq!(clock.now().as_second(), 2_007);
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_put_forward_when_the_machine_slept_and_never_back() {
        static SYSTEM: AtomicU64 = AtomicU64::new(1_000);
        let set = |seconds| SYSTEM.store(seconds, Ordering::SeqCst);
        let clock = Clock::starting(|| at(SYSTEM.load(Ordering::SeqCst)), None);
        let twin = clock.clone();
        let reading = |now, skipped| ClockReading {
            now: Timestamp::from_second(now).unwrap(),
            skipped: SignedDuration::from_secs(skipped),
        };
        tokio::time::advance(Duration::from_secs(10)).await;
        set(1_010);
        assert_eq!(clock.read(), reading(1_010, 0), "nothing happened");
        let told = clock.skipped_beyond(SignedDuration::ZERO);
        tokio::pin!(told);
        assert!(told.as_mut().now_or_never().is_none());
        // An hour of sleep.
        set(4_610);
        assert_eq!(twin.read(), reading(4_610, 3_600));
        assert!(told.now_or_never().is_some(), "whoever waits for a time is told");
        assert!(clock.skipped_beyond(SignedDuration::ZERO).now_or_never().is_some(), "also who comes late");
        assert!(clock.skipped_beyond(SignedDuration::from_hours(1)).now_or_never().is_none());
        set(2_000);
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!(clock.read(), reading(4_615, 3_600), "a clock that is set back changes nothing");
        set(4_600);
        assert_eq!(clock.read(), reading(4_615, 3_600), "nor does one that has not caught up");
        set(5_000);
        assert_eq!(clock.read(), reading(5_000, 3_985));
        let span = |since, until| Skip {
            since: Timestamp::from_second(since).unwrap(),
            until: Timestamp::from_second(until).unwrap(),
        };
        assert_eq!(twin.skips(), [span(1_010, 4_610), span(4_615, 5_000)]);
    }

    #[tokio::test(start_paused = true)]
    async fn no_system_clock_is_so_wrong_that_nothing_can_be_added_to_it() {
        let wrong: [fn() -> SystemTime; 2] = [
            || SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 55),
            || SystemTime::UNIX_EPOCH - Duration::from_secs(1),
        ];
        for system in wrong {
            let now = Clock::starting(system, None).now();
            assert!(now.checked_add(SignedDuration::from_hours(365 * 24)).is_ok(), "{now}");
        }
        static SYSTEM: AtomicU64 = AtomicU64::new(1_000);
        let clock = Clock::starting(|| at(SYSTEM.load(Ordering::SeqCst)), None);
        SYSTEM.store(1 << 55, Ordering::SeqCst);
        let now = clock.now();
        assert!(now.checked_add(SignedDuration::from_hours(365 * 24)).is_ok(), "{now}");
    }
}
