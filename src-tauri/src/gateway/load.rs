//! What is asked of a deployment over time, for autoscaling (RAY-7): the average, the peak, what was refused.
//!
//! One worker looks every [`EVERY`] at deployments that somebody asks about; who joins the line looks too, so that a burst
//! between two looks leaves its peak. Requests that find a free replica cost nothing.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use domain::autoscaling::Load;

/// How often is looked.
pub(super) const EVERY: Duration = Duration::from_millis(20);

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Meter {
    /// Somebody asks.
    wanted: AtomicBool,
    looks: AtomicU64,
    /// Requests at a time, added up over the looks.
    sum: AtomicU64,
    peak: AtomicU32,
    refused: AtomicU64,
}

impl Meter {
    /// Whether anybody has asked.
    pub(super) fn is_wanted(&self) -> bool {
        self.wanted.load(Relaxed)
    }

    /// One look: so many are answered or wait.
    pub(super) fn look(&self, outstanding: u32) {
        self.looks.fetch_add(1, Relaxed);
        self.sum.fetch_add(outstanding.into(), Relaxed);
        self.peak(outstanding);
    }

    /// So many are answered or wait at this moment.
    pub(super) fn peak(&self, outstanding: u32) {
        self.peak.fetch_max(outstanding, Relaxed);
    }

    /// One was refused for want of a free replica.
    pub(super) fn refused(&self) {
        self.refused.fetch_add(1, Relaxed);
    }

    /// What was asked since the last time; `outstanding` are answered or wait at this moment.
    pub(super) fn take(&self, outstanding: u32) -> Load {
        let first = !self.wanted.swap(true, Relaxed);
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
        let meter = Meter::default();
        meter.refused();
        assert_eq!(meter.take(2), Load { average_milli: 2_000, peak: 2, refused: 0 }, "nobody had asked");
        for outstanding in [0, 3, 0, 0] {
            meter.look(outstanding);
        }
        meter.peak(6);
        meter.refused();
        assert_eq!(meter.take(1), Load { average_milli: 750, peak: 6, refused: 1 });
        meter.look(0);
        assert_eq!(
            meter.take(0),
            Load { average_milli: 0, peak: 1, refused: 0 },
            "the interval begins with what there was"
        );
    }
}
