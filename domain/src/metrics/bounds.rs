//! Durations by a handful of fixed bounds, as programs that watch the server read them.

use std::time::Duration;

/// The upper bounds, shortest first: in microseconds, and in seconds as they are written. What took longer is beyond all.
pub const BOUNDS: [(u64, &str); 9] = [
    (1_000, "0.001"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (500_000, "0.5"),
    (1_000_000, "1"),
    (5_000_000, "5"),
    (10_000_000, "10"),
];

/// The place among [`BOUNDS`] of the first one that this duration does not exceed; their number if it exceeds all.
pub fn bound_of(took: Duration) -> usize {
    BOUNDS.partition_point(|(micros, _)| Duration::from_micros(*micros) < took)
}

/// Requests by how long they took, since some beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DurationCounts {
    /// Requests at each place that [`bound_of`] tells; each is counted at one.
    pub counts: [u64; BOUNDS.len() + 1],
    /// Their durations added up, in microseconds.
    pub micros: u64,
}

impl DurationCounts {
    /// Requests that did not exceed each of the bounds, and all of them at the end.
    pub fn cumulative(&self) -> [u64; BOUNDS.len() + 1] {
        let mut sum = 0;
        self.counts.map(|count| {
            sum += count;
            sum
        })
    }

    /// All requests.
    pub fn requests(&self) -> u64 {
        self.counts.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_at_the_first_bound_that_it_does_not_exceed() {
        for (micros, bound) in [
            (0, Some("0.001")),
            (1_000, Some("0.001")),
            (1_001, Some("0.005")),
            (50_000, Some("0.05")),
            (10_000_000, Some("10")),
            (10_000_001, None),
        ] {
            let found = BOUNDS.get(bound_of(Duration::from_micros(micros))).map(|(_, text)| *text);
            assert_eq!(found, bound, "{micros} µs");
        }
        assert_eq!(bound_of(Duration::from_nanos(1_000_001)), 1, "a nanosecond more is more");
        assert_eq!(bound_of(Duration::MAX), BOUNDS.len());
    }

    #[test]
    fn bounds_ascend_and_are_written_as_they_are() {
        assert!(BOUNDS.is_sorted_by(|a, b| a.0 < b.0));
        for (micros, text) in BOUNDS {
            assert_eq!(text.parse::<f64>().unwrap() * 1e6, micros as f64, "{text}");
        }
    }

    #[test]
    fn counts_add_up_to_all_requests() {
        let counts = DurationCounts { counts: [1, 0, 2, 0, 0, 0, 0, 0, 0, 4], micros: 9 };
        assert_eq!(counts.cumulative(), [1, 1, 3, 3, 3, 3, 3, 3, 3, 7]);
        assert_eq!((counts.requests(), DurationCounts::default().requests()), (7, 0));
    }
}
