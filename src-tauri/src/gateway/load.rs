//! The load of a deployment over time, for autoscaling (RAY-7): average, peak and refused requests.
//!
//! One worker looks every [`EVERY`] at deployments that somebody has asked about lately; who joins the line looks too,
//! so that a burst between two looks leaves its peak. Requests that find a free replica cost nothing.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use domain::autoscaling::Load;

/// Interval between two looks.
pub(super) const EVERY: Duration = Duration::from_millis(20);
/// Longest time between two questions of somebody who goes on asking.
const ASKED: Duration = Duration::from_secs(60);

/// See the module.
#[derive(Debug)]
pub(super) struct LoadMeter {
    began: Instant,
    /// Milliseconds from the beginning until nobody is expected to ask any more.
    wanted_until: AtomicU64,
    looks: AtomicU64,
    /// Requests at a time, added up over the looks.
    sum: AtomicU64,
    peak: AtomicU32,
    refused: AtomicU64,
}

impl Default for LoadMeter {
    fn default() -> Self {
        let zero = AtomicU64::default;
        let (peak, began) = (AtomicU32::default(), Instant::now());
        Self { began, wanted_until: zero(), looks: zero(), sum: zero(), peak, refused: zero() }
    }
}

impl LoadMeter {
    /// True if somebody asks at `now`.
    pub(super) fn is_wanted(&self, now: Instant) -> bool {
        self.since_begin(now) < self.wanted_until.load(Relaxed)
    }

    fn since_begin(&self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.began).as_millis()).unwrap_or(u64::MAX)
    }

    /// One look: so many are answered or wait.
    pub(super) fn look(&self, outstanding: u32) {
        self.looks.fetch_add(1, Relaxed);
        self.sum.fetch_add(outstanding.into(), Relaxed);
        self.peak(outstanding);
    }

    /// Notes a number of requests that are answered or wait at this moment.
    pub(super) fn peak(&self, outstanding: u32) {
        self.peak.fetch_max(outstanding, Relaxed);
    }

    /// One was refused for want of a free replica.
    pub(super) fn refused(&self) {
        self.refused.fetch_add(1, Relaxed);
    }

    /// The load since the last time; `outstanding` requests are answered or wait at this moment.
    pub(super) fn take(&self, outstanding: u32, now: Instant) -> Load {
        let first = !self.is_wanted(now);
        self.wanted_until.store(self.since_begin(now + ASKED), Relaxed);
        let (looks, sum) = (self.looks.swap(0, Relaxed), self.sum.swap(0, Relaxed));
        let refused = self.refused.swap(0, Relaxed);
        let now = u64::from(outstanding) * 1_000;
        Load {
            average_milli: (sum * 1_000).checked_div(looks).unwrap_or(now),
            peak: self.peak.swap(outstanding, Relaxed).max(outstanding),
            // What was refused before anybody asked is long ago.
            refused: if first { 0 } else { refused },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_has_its_average_its_peak_and_what_was_refused() {
        let meter = LoadMeter::default();
        let now = Instant::now();
        assert!(!meter.is_wanted(now));
        meter.refused();
        assert_eq!(meter.take(2, now), Load { average_milli: 2_000, peak: 2, refused: 0 }, "nobody had asked");
        for outstanding in [0, 3, 0, 0] {
            meter.look(outstanding);
        }
        meter.peak(6);
        meter.refused();
        assert_eq!(meter.take(1, now), Load { average_milli: 750, peak: 6, refused: 1 });
        meter.look(0);
        assert_eq!(
            meter.take(0, now),
            Load { average_milli: 0, peak: 1, refused: 0 },
            "the interval begins with what there was"
        );
        assert!(meter.is_wanted(now + ASKED / 2));
        // Nobody has asked for long, and nobody looks any more.
        let later = now + ASKED;
        assert!(!meter.is_wanted(later));
        meter.refused();
        assert_eq!(meter.take(0, later).refused, 0, "nobody had asked lately");
        assert!(meter.is_wanted(later));
    }
}
