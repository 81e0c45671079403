//! A window of time in whole buckets of one length.

use domain::wire::{MetricsGap, MetricsView};

/// The lengths that a bucket may have, in seconds; the longest is a week.
const LENGTHS: [i64; 15] = [1, 2, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800];
/// A window has at most this many buckets.
const MOST: i64 = 120;

/// The buckets of a window. The last one has ended: what is still being counted is in none of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Buckets {
    /// Seconds since 1970 at which the first one begins; a multiple of `length`.
    pub(crate) from: i64,
    /// The seconds of each.
    pub(crate) length: i64,
    /// Their number, at most 120.
    pub(crate) count: usize,
}

/// A stretch of time within one bucket in which requests were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    /// The bucket.
    pub(super) bucket: usize,
    /// Seconds since 1970 at which it begins.
    pub(super) from: i64,
    /// Seconds since 1970 at which it ends.
    pub(super) to: i64,
}

/// The seconds of a bucket in a window of so many seconds: the shortest of the lengths that a point fits into a whole number
/// of times, and that makes no more buckets than can be told apart.
pub(crate) fn bucket_length(step: u32, window: u32) -> i64 {
    let (step, window) = (i64::from(step.max(1)), i64::from(window));
    let fits = |length: &i64| length % step == 0 && window / length <= MOST;
    LENGTHS.into_iter().find(fits).unwrap_or(step.max(LENGTHS[LENGTHS.len() - 1]))
}

impl Buckets {
    /// The whole buckets of an answer about the last `window` seconds.
    pub(crate) fn of(view: &MetricsView, window: u32) -> Self {
        let length = bucket_length(view.step, window);
        let end = view.to.div_euclid(length) * length;
        let first = (view.from + length - 1).div_euclid(length) * length;
        // A window of other length than its buckets' has one whole bucket more at times: that would make the picture jump.
        let whole = i64::from(window) / length;
        let most = if length == i64::from(view.step) { whole } else { whole - 1 }.clamp(1, MOST);
        let from = first.max(end - most * length);
        Self { from, length, count: usize::try_from((end - from) / length).unwrap_or(0) }
    }

    /// Seconds since 1970 at which the last one ends.
    pub(crate) fn end(self) -> i64 {
        self.begin(self.count)
    }

    /// Seconds since 1970 at which one begins.
    pub(crate) fn begin(self, bucket: usize) -> i64 {
        self.from + i64::try_from(bucket).unwrap_or(0) * self.length
    }

    /// The bucket of the point that ends at `at`, if it is in one.
    pub(super) fn of_point(self, at: i64) -> Option<usize> {
        let place = (at - 1 - self.from).div_euclid(self.length.max(1));
        usize::try_from(place).ok().filter(|bucket| *bucket < self.count)
    }

    /// The bucket of a moment; the first of an earlier one, and the last of a later one.
    pub(super) fn nearest(self, second: i64) -> Option<usize> {
        let last = self.count.checked_sub(1)?;
        let place = (second - self.from).div_euclid(self.length.max(1));
        Some(usize::try_from(place).unwrap_or(0).min(last))
    }

    /// The place of a moment in the window, from 0 to 1.
    pub(super) fn share(self, second: i64) -> f64 {
        let whole = (self.end() - self.from).max(1) as f64;
        ((second - self.from) as f64 / whole).clamp(0.0, 1.0)
    }

    /// The stretches in which something was counted, oldest first: the buckets without the gaps, which are in order.
    pub(super) fn stretches(self, gaps: &[MetricsGap]) -> Vec<Stretch> {
        let mut stretches = Vec::new();
        for bucket in 0..self.count {
            let (mut from, end) = (self.begin(bucket), self.begin(bucket + 1));
            for gap in gaps.iter().filter(|gap| gap.from < end && gap.to > gap.from) {
                if gap.to > from {
                    stretches.push(Stretch { bucket, from, to: gap.from });
                    from = gap.to;
                }
            }
            stretches.push(Stretch { bucket, from, to: end });
        }
        stretches.retain(|stretch| stretch.from < stretch.to);
        stretches
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(step: u32, from: i64, to: i64) -> MetricsView {
        MetricsView { step, from, to, ..MetricsView::default() }
    }

    #[test]
    fn every_window_has_30_to_120_buckets_of_whole_points() {
        for (window, step, length, count) in [
            (60, 1, 1, 60),
            (900, 1, 10, 89),
            (3_600, 1, 30, 119),
            (3_600, 60, 60, 60),
            (86_400, 60, 1_800, 47),
            (604_800, 3_600, 10_800, 55),
            (2_678_400, 3_600, 43_200, 61),
            (31_536_000, 3_600, 604_800, 51),
        ] {
            assert_eq!(bucket_length(step, window), length, "of {window} s in points of {step} s");
            // Whenever it is asked.
            for moment in 0..300 {
                let to = 1_700_000_000_i64.div_euclid(step.into()) * i64::from(step) + moment * i64::from(step);
                let from = to - i64::from(window);
                let buckets = Buckets::of(&view(step, from, to), window);
                assert_eq!(buckets.count, count, "of {window} s up to {to}");
                assert!(buckets.from % length == 0 && buckets.from >= from, "{buckets:?}");
                assert!(buckets.end() <= to && buckets.end() + length > to, "{buckets:?}");
            }
        }
    }

    #[test]
    fn an_answer_without_time_has_no_bucket() {
        let buckets = Buckets::of(&view(60, 6_000, 6_000), 3_600);
        assert_eq!((buckets.count, buckets.nearest(6_000), buckets.of_point(6_000)), (0, None, None));
        assert_eq!(Buckets::of(&view(0, 10, 0), 0).count, 0);
    }

    #[test]
    fn a_point_is_in_the_bucket_that_it_ends_in() {
        let buckets = Buckets { from: 100, length: 10, count: 3 };
        let found = [100, 101, 110, 111, 130, 131].map(|at| buckets.of_point(at));
        assert_eq!(found, [None, Some(0), Some(0), Some(1), Some(2), None]);
        assert_eq!([0, 100, 109, 110, 500].map(|second| buckets.nearest(second)), [0, 0, 0, 1, 2].map(Some));
        assert_eq!([0, 100, 115, 500].map(|second| buckets.share(second)), [0.0, 0.0, 0.5, 1.0]);
    }

    #[test]
    fn gaps_are_cut_out() {
        let buckets = Buckets { from: 100, length: 10, count: 4 };
        let gap = |from, to| MetricsGap { from, to };
        let cut = |gaps: &[MetricsGap]| -> Vec<_> {
            buckets.stretches(gaps).iter().map(|stretch| (stretch.bucket, stretch.from, stretch.to)).collect()
        };
        assert_eq!(cut(&[]), [(0, 100, 110), (1, 110, 120), (2, 120, 130), (3, 130, 140)]);
        assert_eq!(cut(&[gap(113, 131)]), [(0, 100, 110), (1, 110, 113), (3, 131, 140)]);
        assert_eq!(
            cut(&[gap(0, 105), gap(112, 114), gap(116, 117), gap(117, 900)]),
            [(0, 105, 110), (1, 110, 112), (1, 114, 116)]
        );
        assert_eq!(cut(&[gap(0, 900)]), []);
        assert_eq!(cut(&[gap(105, 105), gap(140, 150)]).len(), 4);
    }
}
