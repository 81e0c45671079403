//! The place of a value at a moment, and the lines and areas between them.
//!
//! A bucket is drawn as what it is: one value from its begin to its end. Nothing is drawn between two buckets that are
//! not neighbours, or where nothing was counted.

use std::fmt::Write as _;

use super::buckets::{Buckets, Stretch};

/// The width of every picture, in units of its own.
pub(super) const WIDTH: f64 = 1_000.0;
/// The height of every picture, in units of its own.
pub(super) const HEIGHT: f64 = 200.0;

/// A picture of buckets with a scale from 0 to `top`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Canvas<'a> {
    /// The buckets.
    pub(super) buckets: Buckets,
    /// The stretches of them in which something was counted.
    pub(super) stretches: &'a [Stretch],
    /// The value at the upper edge.
    pub(super) top: f64,
}

/// A time at which nothing changes: from where to where, and its lower and upper edge.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Level {
    from: i64,
    to: i64,
    low: f64,
    high: f64,
}

impl Canvas<'_> {
    /// The place of a moment.
    pub(super) fn x(&self, second: i64) -> f64 {
        tenths(self.buckets.share(second) * WIDTH)
    }

    fn y(&self, value: f64) -> f64 {
        tenths(HEIGHT - (value / self.top).clamp(0.0, 1.0) * HEIGHT)
    }

    /// A line at the value of each bucket that has one.
    pub(super) fn line(&self, value: impl Fn(usize) -> Option<f64>) -> String {
        let mut path = String::new();
        for run in self.runs(|bucket| value(bucket).map(|value| (0.0, value))) {
            for (number, level) in run.iter().enumerate() {
                let (x, y) = (self.x(level.from), level.high);
                let _ = if number == 0 { write!(path, "M{x} {y}") } else { write!(path, "V{y}") };
                let _ = write!(path, "H{}", self.x(level.to));
            }
        }
        path
    }

    /// An area between the two values of each bucket that has them.
    pub(super) fn area(&self, edges: impl Fn(usize) -> Option<(f64, f64)>) -> String {
        let mut path = String::new();
        for run in self.runs(edges) {
            let Some(first) = run.first() else { continue };
            let _ = write!(path, "M{} {}", self.x(first.from), first.low);
            for level in &run {
                let _ = write!(path, "V{}H{}", level.high, self.x(level.to));
            }
            for level in run.iter().rev() {
                let _ = write!(path, "V{}H{}", level.low, self.x(level.from));
            }
            path.push('Z');
        }
        path
    }

    /// Levels that follow one another without a gap; neighbours of one value are one level.
    fn runs(&self, edges: impl Fn(usize) -> Option<(f64, f64)>) -> Vec<Vec<Level>> {
        let mut runs: Vec<Vec<Level>> = Vec::new();
        for stretch in self.stretches {
            let Some((low, high)) = edges(stretch.bucket) else { continue };
            let next = Level { from: stretch.from, to: stretch.to, low: self.y(low), high: self.y(high) };
            match runs.last_mut().and_then(|run| run.last_mut()) {
                Some(last) if last.to == next.from && (last.low, last.high) == (next.low, next.high) => {
                    last.to = next.to
                }
                Some(last) if last.to == next.from => runs.last_mut().into_iter().for_each(|run| run.push(next)),
                _ => runs.push(vec![next]),
            }
        }
        runs
    }
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use domain::wire::MetricsGap;
    use proptest::prelude::*;

    use super::*;

    const BUCKETS: Buckets = Buckets { from: 100, length: 10, count: 4 };

    fn drawn(gaps: &[(i64, i64)], draw: impl Fn(Canvas<'_>) -> String) -> String {
        let gaps: Vec<_> = gaps.iter().map(|(from, to)| MetricsGap { from: *from, to: *to }).collect();
        draw(Canvas { buckets: BUCKETS, stretches: &BUCKETS.stretches(&gaps), top: 80.0 })
    }

    #[test]
    fn what_is_steady_is_flat() {
        assert_eq!(drawn(&[], |canvas| canvas.line(|_| Some(40.0))), "M0 100H1000");
        assert_eq!(drawn(&[], |canvas| canvas.area(|_| Some((20.0, 40.0)))), "M0 150V100H1000V150H0Z");
    }

    #[test]
    fn each_bucket_has_its_own_value() {
        let values = [Some(0.0), Some(80.0), None, Some(40.0)];
        assert_eq!(drawn(&[], |canvas| canvas.line(|bucket| values[bucket])), "M0 200H250V0H500M750 100H1000");
        let edges = |bucket: usize| values[bucket].map(|value| (0.0, value));
        assert_eq!(
            drawn(&[], |canvas| canvas.area(edges)),
            "M0 200V200H250V0H500V200H250V200H0ZM750 200V100H1000V200H750Z"
        );
    }

    #[test]
    fn a_gap_is_a_gap() {
        assert_eq!(drawn(&[(105, 125)], |canvas| canvas.line(|_| Some(40.0))), "M0 100H125M625 100H1000");
        assert_eq!(drawn(&[(110, 120)], |canvas| canvas.line(|_| Some(0.0))), "M0 200H250M500 200H1000");
        assert_eq!(drawn(&[(0, 900)], |canvas| canvas.line(|_| Some(40.0))), "");
    }

    proptest! {
        #[test]
        fn nothing_lies_outside(values in proptest::array::uniform4(proptest::option::of(0.0..200.0_f64))) {
            let path = drawn(&[(111, 113)], |canvas| canvas.area(|bucket| values[bucket].map(|value| (0.0, value))));
            let numbers = path.split(|letter: char| letter.is_ascii_uppercase() || letter == ' ').filter(|text| !text.is_empty());
            for number in numbers {
                let number: f64 = number.parse().unwrap();
                prop_assert!((0.0..=WIDTH).contains(&number), "{path}");
            }
            let begins = path.matches('M').count();
            prop_assert_eq!(begins, path.matches('Z').count());
        }

        #[test]
        fn a_line_is_as_long_as_what_was_counted(gap in 100..140_i64, length in 1..30_i64) {
            let path = drawn(&[(gap, gap + length)], |canvas| canvas.line(|_| Some(1.0)));
            let ends = |letter: char| path.split(letter).skip(1).map(|rest| {
                let number: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
                number.parse::<f64>().unwrap()
            }).sum::<f64>();
            let counted = 40 - ((gap + length).min(140) - gap);
            prop_assert!((ends('H') - ends('M') - counted as f64 * 25.0).abs() < 0.3, "{path}");
        }
    }
}
