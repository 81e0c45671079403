//! Keeps requests per second and their durations for the last hour, for the dashboard.
//!
//! The request path adds to one histogram of atomics; once a second it is taken away, summed up and
//! put into the series. Durations run from a request's arrival to the head of its answer, the wait
//! in the queue included; buckets are an eighth of a power of two wide, so they are right to 7 %.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::wire::{MetricsPoint, Traffic};

const BUCKETS: usize = 240;
const KEPT_SECONDS: usize = 3600;
const RECENT_SECONDS: usize = 60;

/// The numbers that the request path writes and the clock takes away.
#[derive(Debug)]
pub(super) struct Meter {
    buckets: [AtomicU32; BUCKETS],
    failed: AtomicU32,
    history: Mutex<History>,
}

#[derive(Debug, Default)]
struct History {
    series: VecDeque<MetricsPoint>,
    recent: VecDeque<Box<[u32; BUCKETS]>>,
}

impl Default for Meter {
    fn default() -> Self {
        Self { buckets: [const { AtomicU32::new(0) }; BUCKETS], failed: AtomicU32::new(0), history: Mutex::default() }
    }
}

impl Meter {
    /// A request ended.
    pub(super) fn record(&self, took: Duration, failed: bool) {
        self.buckets[bucket(took)].fetch_add(1, Relaxed);
        if failed {
            self.failed.fetch_add(1, Relaxed);
        }
    }

    /// Closes the second that ends at `at`, in seconds since 1970.
    pub(super) fn tick(&self, at: i64) {
        let mut taken = Box::new([0; BUCKETS]);
        for (into, from) in taken.iter_mut().zip(&self.buckets) {
            // Most are empty: a load is cheaper than a swap.
            if from.load(Relaxed) > 0 {
                *into = from.swap(0, Relaxed);
            }
        }
        let failed = u64::from(self.failed.swap(0, Relaxed));
        let requests = taken.iter().map(|count| u64::from(*count)).sum();
        let second = MetricsPoint {
            at,
            requests,
            failed,
            p50_ms: percentile(&taken[..], 0.50),
            p95_ms: percentile(&taken[..], 0.95),
        };
        let mut history = self.history();
        history.series.push_back(second);
        history.recent.push_back(taken);
        if history.series.len() > KEPT_SECONDS {
            history.series.pop_front();
        }
        if history.recent.len() > RECENT_SECONDS {
            history.recent.pop_front();
        }
    }

    /// Second by second, oldest first, the last `window` of it.
    pub(super) fn series(&self, window: Duration) -> Vec<MetricsPoint> {
        let history = self.history();
        let shown = usize::try_from(window.as_secs()).unwrap_or(KEPT_SECONDS).min(history.series.len());
        history.series.range(history.series.len() - shown..).copied().collect()
    }

    /// Summed up.
    pub(super) fn traffic(&self) -> Traffic {
        let history = self.history();
        let last = |seconds: usize| history.series.iter().rev().take(seconds);
        let mut minute = [0; BUCKETS];
        for second in &history.recent {
            for (into, from) in minute.iter_mut().zip(second.iter()) {
                *into += from;
            }
        }
        let requests: u64 = last(RECENT_SECONDS).map(|second| second.requests).sum();
        let failed: u64 = last(RECENT_SECONDS).map(|second| second.failed).sum();
        let lately: u64 = last(10).map(|second| second.requests).sum();
        let mut spark = vec![0; KEPT_SECONDS / 60];
        for (ago, second) in history.series.iter().rev().enumerate() {
            spark[KEPT_SECONDS / 60 - 1 - ago / 60] += second.requests;
        }
        Traffic {
            requests_per_second: lately as f64 / history.series.len().clamp(1, 10) as f64,
            // A request may be counted a moment before its failure is.
            error_share: (requests > 0).then(|| (failed as f64 / requests as f64).min(1.0)),
            p95_ms: percentile(&minute, 0.95),
            spark,
        }
    }

    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn bucket(took: Duration) -> usize {
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    if micros < 8 {
        return micros as usize;
    }
    let power = micros.ilog2() as usize;
    let eighth = (micros >> (power - 3)) as usize & 7;
    ((power - 2) * 8 + eighth).min(BUCKETS - 1)
}

/// The middle of a bucket, in milliseconds.
fn middle(bucket: usize) -> f64 {
    if bucket < 8 {
        return (bucket as f64 + 0.5) / 1000.0;
    }
    let (power, eighth) = (bucket / 8 + 2, bucket % 8);
    (8.0 + eighth as f64 + 0.5) * 2f64.powi(power as i32 - 3) / 1000.0
}

fn percentile(buckets: &[u32], share: f64) -> Option<f64> {
    let total: u64 = buckets.iter().map(|count| u64::from(*count)).sum();
    let rank = (total as f64 * share).ceil().max(1.0) as u64;
    let mut seen = 0;
    buckets
        .iter()
        .position(|count| {
            seen += u64::from(*count);
            seen >= rank
        })
        .map(middle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_tells_a_duration_to_seven_percent() {
        for micros in (1..2000).chain([10_000, 123_456, 60_000_000]) {
            let told = middle(bucket(Duration::from_micros(micros))) * 1000.0;
            let off = (told - micros as f64).abs();
            assert!(off <= 0.5 || off / micros as f64 <= 0.07, "{micros} µs told as {told}");
        }
        assert_eq!(bucket(Duration::MAX), BUCKETS - 1);
    }

    #[test]
    fn a_second_holds_what_was_recorded_in_it() {
        let meter = Meter::default();
        for ms in 1..=100 {
            meter.record(Duration::from_millis(ms), ms > 90);
        }
        meter.tick(7);
        meter.tick(8);
        let series = meter.series(Duration::from_secs(3600));
        assert_eq!((series[0].at, series[0].requests, series[0].failed), (7, 100, 10));
        let near = |told: Option<f64>, ms: f64| (told.unwrap() - ms).abs() / ms <= 0.07;
        assert!(near(series[0].p50_ms, 50.0) && near(series[0].p95_ms, 95.0), "{:?}", series[0]);
        assert_eq!(series[1], MetricsPoint { at: 8, ..MetricsPoint::default() });
        assert_eq!(meter.series(Duration::from_secs(1)), series[1..]);
        let traffic = meter.traffic();
        assert_eq!((traffic.requests_per_second, traffic.error_share), (50.0, Some(0.1)));
        assert_eq!((traffic.spark[58], traffic.spark[59]), (0, 100));
    }

    #[test]
    fn an_hour_is_kept_and_a_minute_summed_up() {
        let meter = Meter::default();
        for _ in 0..KEPT_SECONDS + 10 {
            meter.record(Duration::from_millis(5), true);
            meter.tick(0);
        }
        assert_eq!(meter.series(Duration::MAX).len(), KEPT_SECONDS);
        assert_eq!(meter.traffic().spark, [60; 60]);
        for _ in 0..RECENT_SECONDS {
            meter.tick(0);
        }
        let traffic = meter.traffic();
        assert_eq!((traffic.error_share, traffic.p95_ms), (None, None));
    }
}
