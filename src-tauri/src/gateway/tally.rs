//! Counts what happened to requests, by revision: the numbers of a rollout's receipt (CO-5).
//!
//! A request counts when it ends: when the last piece of its answer has been handed to the client's connection.
//! `retried` counts where the first attempt did not get through. A client that hangs up before, or that the gateway
//! refuses with a status below 500 (no valid credential: 401, unknown name: 404, too long a body: 413, …), is in none
//! of the numbers, nor in the series of the dashboard if no replica was asked; the request log has its line. Failures
//! that no replica saw (deactivated, nothing ready, the wait in line over) are in the total only.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use domain::id::RevisionNumber;
use domain::receipt::{Counts, Receipt};

use super::metrics::Durations;

/// The outcome of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tallied {
    Answered,
    Failed,
    /// Its answer had begun, and was cut on our side: one that failed.
    Cut,
    /// The client hung up, or sent something that no replica could be asked.
    Neither,
}

/// The counters of one revision, shared by its replicas; written on the request path.
#[derive(Debug, Default)]
pub(super) struct Counters {
    answered: AtomicU64,
    failed: AtomicU64,
    cut: AtomicU64,
    retried: AtomicU64,
    drained: AtomicU64,
    longest_drain_ms: AtomicU64,
    /// How long those that were answered or failed took.
    pub(super) durations: Durations,
}

impl Tallied {
    /// True when it is one that failed.
    pub(super) fn is_failure(self) -> bool {
        matches!(self, Self::Failed | Self::Cut)
    }
}

impl Counters {
    pub(super) fn ended(&self, outcome: Tallied) {
        match outcome {
            Tallied::Answered => self.answered.fetch_add(1, Relaxed),
            Tallied::Failed => self.failed.fetch_add(1, Relaxed),
            Tallied::Cut => {
                self.cut.fetch_add(1, Relaxed);
                self.failed.fetch_add(1, Relaxed)
            }
            Tallied::Neither => 0,
        };
    }

    pub(super) fn retried(&self) {
        self.retried.fetch_add(1, Relaxed);
    }

    pub(super) fn drained(&self) {
        self.drained.fetch_add(1, Relaxed);
    }

    pub(super) fn drain_took(&self, milliseconds: u64) {
        self.longest_drain_ms.fetch_max(milliseconds, Relaxed);
    }

    pub(super) fn clear_longest_drain(&self) {
        self.longest_drain_ms.store(0, Relaxed);
    }

    pub(super) fn read(&self) -> Counts {
        Counts {
            answered: self.answered.load(Relaxed),
            failed: self.failed.load(Relaxed),
            cut: self.cut.load(Relaxed),
            retried: self.retried.load(Relaxed),
            drained: self.drained.load(Relaxed),
            longest_drain_ms: self.longest_drain_ms.load(Relaxed),
        }
    }
}

/// Adds up the counters of all revisions and the failures that no replica saw.
pub(super) fn sum(by_revision: BTreeMap<RevisionNumber, Counts>, own_failures: u64) -> Receipt {
    let own = Counts { failed: own_failures, ..Counts::default() };
    let total = by_revision.values().fold(own, |total, counts| total.plus(*counts));
    Receipt { total, by_revision }
}

/// The counts that were added between `before` and `after`: the receipt of that time.
/// `longest_drain_ms` is not a sum and stays as it is in `after`; see
/// [`Gateway::clear_longest_drain`](super::Gateway::clear_longest_drain).
#[must_use]
pub fn receipt_between(before: &Receipt, after: &Receipt) -> Receipt {
    let none = Counts::default();
    let by_revision = after
        .by_revision
        .iter()
        .map(|(revision, counts)| (*revision, added(before.by_revision.get(revision).unwrap_or(&none), counts)));
    Receipt {
        total: added(&before.total, &after.total),
        by_revision: by_revision.filter(|(_, counts)| *counts != none).collect(),
    }
}

fn added(before: &Counts, after: &Counts) -> Counts {
    Counts {
        answered: after.answered.saturating_sub(before.answered),
        failed: after.failed.saturating_sub(before.failed),
        cut: after.cut.saturating_sub(before.cut),
        retried: after.retried.saturating_sub(before.retried),
        drained: after.drained.saturating_sub(before.drained),
        longest_drain_ms: after.longest_drain_ms,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_holds_only_what_was_added() {
        let one = RevisionNumber(1);
        let two = RevisionNumber(2);
        let of = |answered| Counts { answered, ..Counts::default() };
        let before = sum(BTreeMap::from([(one, of(10))]), 1);
        let after = sum(BTreeMap::from([(one, of(10)), (two, of(5))]), 3);
        let between = receipt_between(&before, &after);
        assert_eq!(between.total, Counts { answered: 5, failed: 2, ..Counts::default() });
        assert_eq!(between.by_revision, BTreeMap::from([(two, of(5))]));
    }
}
