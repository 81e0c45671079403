//! Requests of one revision within one point.

use super::histogram::Histogram;

/// Requests that ended, and those of them that failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestSum {
    /// How long they took, those that failed among them.
    pub durations: Histogram,
    /// Those that failed: never more than there are.
    pub failed: u64,
}

impl RequestSum {
    /// True without any request.
    pub fn is_empty(&self) -> bool {
        self.durations.is_empty()
    }

    /// Adds those of another one.
    pub fn add(&mut self, other: &Self) {
        self.durations.add(&other.durations);
        self.failed = self.failed.saturating_add(other.failed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_add_requests_and_failures() {
        let of = |bucket, count, failed| RequestSum { durations: Histogram::of_ascending([(bucket, count)]), failed };
        let mut sum = RequestSum::default();
        assert!(sum.is_empty());
        sum.add(&of(3, 10, 1));
        sum.add(&of(9, 5, 5));
        assert_eq!((sum.durations.requests(), sum.failed, sum.is_empty()), (15, 6, false));
    }
}
