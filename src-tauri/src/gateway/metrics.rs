//! Counts requests and how long they took, on the request path: within the running second, and since the start.
//!
//! Durations run from a request's arrival to the head of its answer, the wait in the queue included. A request and its
//! failure are one atomic word, so that no second has more failures than requests. What no request has touched takes no
//! room.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use domain::metrics::{BOUNDS, BUCKETS, DurationCounts, Histogram, RequestSum, bound_of, bucket};

/// Where the failures begin in a word.
const FAILURES: u32 = u32::BITS;

/// Requests of one revision within the running second, by bucket: those that failed in the upper half of a word, all in
/// the lower.
#[derive(Debug, Default)]
pub(super) struct Meter(OnceLock<Box<[AtomicU64; BUCKETS]>>);

impl Meter {
    /// A request ended.
    pub(super) fn record(&self, took: Duration, failed: bool) {
        let buckets = self.0.get_or_init(|| Box::new([const { AtomicU64::new(0) }; BUCKETS]));
        buckets[bucket(took)].fetch_add(1 + (u64::from(failed) << FAILURES), Relaxed);
    }

    /// Takes away what has come since it was last taken away.
    pub(super) fn take(&self) -> RequestSum {
        let mut failed = 0;
        let taken = self.0.get().into_iter().flat_map(|buckets| buckets.iter().enumerate());
        let taken = taken.filter_map(|(bucket, word)| {
            // Most are empty: a load is cheaper than a swap.
            let word = if word.load(Relaxed) > 0 { word.swap(0, Relaxed) } else { return None };
            failed += word >> FAILURES;
            Some((bucket, word & u64::from(u32::MAX)))
        });
        let durations = Histogram::of_ascending(taken);
        RequestSum { durations, failed }
    }
}

/// Requests of one revision since the start, by how long they took.
#[derive(Debug, Default)]
pub(super) struct Durations {
    counts: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

impl Durations {
    /// A request ended that counts.
    pub(super) fn record(&self, took: Duration) {
        self.counts[bound_of(took)].fetch_add(1, Relaxed);
        self.micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Relaxed);
    }

    pub(super) fn read(&self) -> DurationCounts {
        DurationCounts {
            counts: std::array::from_fn(|at| self.counts[at].load(Relaxed)),
            micros: self.micros.load(Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holds_what_was_recorded_in_it() {
        let meter = Meter::default();
        assert!(meter.take().is_empty() && meter.0.get().is_none(), "nothing was asked, nothing is held");
        for ms in 1..=100 {
            meter.record(Duration::from_millis(ms), ms > 90);
        }
        let taken = meter.take();
        assert_eq!((taken.durations.requests(), taken.failed), (100, 10));
        let near = |told: Option<f64>, ms: f64| (told.unwrap() - ms).abs() / ms <= 0.07;
        assert!(near(taken.durations.percentile_ms(0.5), 50.0) && near(taken.durations.percentile_ms(0.95), 95.0));
        assert!(meter.take().is_empty());
    }

    /// Four threads record while a fifth takes away: nothing is lost, nothing counted twice, no failure without a request.
    #[test]
    fn what_many_threads_record_is_counted_once() {
        const EACH: u64 = 50_000;
        let (meter, durations) = (Meter::default(), Durations::default());
        let mut sum = RequestSum::default();
        std::thread::scope(|scope| {
            let recording: Vec<_> = (0..4u64)
                .map(|thread| {
                    let (meter, durations) = (&meter, &durations);
                    scope.spawn(move || {
                        for at in 0..EACH {
                            let took = Duration::from_micros((thread * 7_919 + at * 31) % 3_000_000);
                            meter.record(took, at % 10 == 0);
                            durations.record(took);
                        }
                    })
                })
                .collect();
            while !recording.iter().all(std::thread::ScopedJoinHandle::is_finished) {
                let taken = meter.take();
                assert!(taken.failed <= taken.durations.requests());
                sum.add(&taken);
            }
        });
        sum.add(&meter.take());
        assert_eq!((sum.durations.requests(), sum.failed), (4 * EACH, 4 * EACH / 10));
        assert_eq!(durations.read().requests(), 4 * EACH);
    }

    #[test]
    fn durations_are_counted_and_added_up() {
        let durations = Durations::default();
        for micros in [400, 900, 70_000, 60_000_000] {
            durations.record(Duration::from_micros(micros));
        }
        let read = durations.read();
        assert_eq!(read.cumulative(), [2, 2, 2, 2, 3, 3, 3, 3, 3, 4]);
        assert_eq!(read.micros, 60_071_300);
    }
}
