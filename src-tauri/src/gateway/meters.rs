//! What is counted of one deployment over time: by revision within the running second, and the last hour as a whole.

use std::collections::BTreeMap;
use std::sync::atomic::{Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::id::RevisionNumber;
use domain::metrics::{Gauge, RequestSum};
use domain::wire::Traffic;

use super::metrics::Meter;
use super::recent::Recent;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Meters {
    /// Those of revisions that have replicas, each of which holds its own.
    by_revision: Mutex<BTreeMap<RevisionNumber, Arc<Meter>>>,
    /// Requests that no replica saw.
    own: Meter,
    told: Mutex<Told>,
}

#[derive(Debug, Default)]
struct Told {
    recent: Recent,
    gauge: Option<Gauge>,
}

/// What a deployment has come to within a second.
#[derive(Debug, Default)]
pub(super) struct Closed {
    /// Requests, by the revision that answered them; only those that had some.
    pub(super) requests: Vec<(Option<RevisionNumber>, RequestSum)>,
    /// What is seen of it, where that has changed.
    pub(super) gauge: Option<Gauge>,
}

impl Meters {
    /// The meter of a revision; whoever holds it may record.
    pub(super) fn meter(&self, revision: RevisionNumber) -> Arc<Meter> {
        self.by_revision().entry(revision).or_default().clone()
    }

    /// A request ended that no replica saw.
    pub(super) fn record_own(&self, took: Duration, failed: bool) {
        self.own.record(took, failed);
    }

    /// Closes the second that ends at `at`. The gauge is told where it has changed, or in any case.
    pub(super) fn close(&self, at: i64, gauge: Gauge, in_any_case: bool) -> Closed {
        let mut closed = Closed::default();
        let mut sum = RequestSum::default();
        let mut take = |revision, meter: &Meter| {
            let taken = meter.take();
            if !taken.is_empty() {
                sum.add(&taken);
                closed.requests.push((revision, taken));
            }
        };
        take(None, &self.own);
        self.by_revision().retain(|revision, meter| {
            let has_replicas = Arc::strong_count(meter) > 1;
            // Whoever has let go of it recorded before: that is seen now.
            fence(Ordering::Acquire);
            take(Some(*revision), meter);
            has_replicas
        });
        let mut told = self.told();
        told.recent.close(at, sum);
        if in_any_case || told.gauge != Some(gauge) {
            told.gauge = Some(gauge);
            closed.gauge = Some(gauge);
        }
        closed
    }

    /// What an earlier server counted, as [`Recent::recall`].
    pub(super) fn recall(&self, minute: Vec<(i64, RequestSum)>, hour: Vec<(i64, u64)>) {
        self.told().recent.recall(minute, hour);
    }

    /// What is left of what was counted up to `until`, as [`Recent::recount`].
    pub(super) fn recount(&self, until: i64, minute: Vec<(i64, RequestSum)>, hour: Vec<(i64, u64)>) {
        self.told().recent.recount(until, minute, hour);
    }

    /// Summed up when the second that ends at `now` has been closed.
    pub(super) fn traffic(&self, now: i64) -> Traffic {
        self.told().recent.traffic(now)
    }

    fn by_revision(&self) -> MutexGuard<'_, BTreeMap<RevisionNumber, Arc<Meter>>> {
        self.by_revision.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_tells_revisions_apart_and_what_has_changed() {
        let meters = Meters::default();
        let (one, two) = (meters.meter(RevisionNumber(1)), meters.meter(RevisionNumber(2)));
        one.record(Duration::from_millis(1), false);
        two.record(Duration::from_millis(2), true);
        meters.record_own(Duration::ZERO, true);
        let ready = Gauge { ready: 2, waiting: 0 };
        let closed = meters.close(5, ready, false);
        let of = |closed: &Closed| {
            closed.requests.iter().map(|(revision, sum)| (revision.map_or(0, |r| r.0), sum.failed)).collect::<Vec<_>>()
        };
        assert_eq!(of(&closed), [(0, 1), (1, 0), (2, 1)]);
        assert_eq!(closed.gauge, Some(ready));
        assert_eq!(meters.traffic(5).spark[59], 3);
        let closed = meters.close(6, ready, false);
        assert_eq!((of(&closed), closed.gauge), (vec![], None));
        assert_eq!(meters.close(7, ready, true).gauge, Some(ready));
        assert!(Arc::ptr_eq(&one, &meters.meter(RevisionNumber(1))));
    }

    #[test]
    fn a_revision_without_replicas_is_counted_once_more_and_let_go_of() {
        let meters = Meters::default();
        let meter = meters.meter(RevisionNumber(1));
        meter.record(Duration::from_millis(1), false);
        drop(meter);
        assert_eq!(meters.close(1, Gauge::default(), false).requests.len(), 1);
        assert!(meters.by_revision().is_empty());
    }
}
