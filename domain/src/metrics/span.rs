//! The times at which requests were counted, and those at which nothing was.

use super::grain::Grain;

/// Seconds in a row that were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptSpan {
    /// Seconds since 1970 at which the first one began.
    pub began: i64,
    /// Seconds since 1970 at which the last one ended.
    pub until: i64,
}

/// The longest time between two seconds of one server within which it only came late to counting. In a longer one the machine
/// slept.
const LATE: i64 = 10;

impl KeptSpan {
    /// The second that ends at `at`, alone.
    pub fn of(at: i64) -> Self {
        Self { began: at - 1, until: at }
    }

    /// This one with the second that ends at `at`, which is of the same server if `same`; none where that begins another.
    /// Time that went back between two servers changes nothing: what is counted then was counted.
    #[must_use]
    pub fn with(self, at: i64, same: bool) -> Option<Self> {
        let late = if same { LATE } else { 1 };
        (at <= self.until.saturating_add(late)).then(|| Self { until: self.until.max(at), ..self })
    }

    /// True when a second of it lies in the point of this length that ends at `end`.
    fn meets(self, grain: Grain, end: i64) -> bool {
        self.began < end && end - grain.seconds() < self.until
    }
}

/// These spans, which are in ascending order, with those joined between which less lies than a point: a time so short is told
/// of no longer, and a server that starts again and again leaves no more of them than there are points.
pub fn joined(spans: &[KeptSpan], grain: Grain) -> Vec<KeptSpan> {
    let mut joined: Vec<KeptSpan> = Vec::new();
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.began - last.until < grain.seconds() => last.until = last.until.max(span.until),
            _ => joined.push(*span),
        }
    }
    joined
}

/// True when one of these spans, which are in ascending order and do not overlap, meets the point of this length that ends
/// at `end`.
pub fn was_kept(spans: &[KeptSpan], grain: Grain, end: i64) -> bool {
    let at = spans.partition_point(|span| span.until <= end - grain.seconds());
    spans.get(at).is_some_and(|span| span.meets(grain, end))
}

/// The times between `from` and `to` that lie in none of these spans, oldest first, those left out that are shorter than a
/// point. The spans are in ascending order.
pub fn gaps(spans: &[KeptSpan], grain: Grain, from: i64, to: i64) -> Vec<(i64, i64)> {
    let mut gaps = Vec::new();
    let mut open = from;
    for span in spans {
        gaps.push((open, span.began.min(to)));
        open = open.max(span.until);
    }
    gaps.push((open, to));
    gaps.retain(|(from, to)| to - from >= grain.seconds());
    gaps
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(began: i64, until: i64) -> KeptSpan {
        KeptSpan { began, until }
    }

    #[test]
    fn a_second_goes_on_or_begins_anew() {
        for (at, same, with) in [
            (101, true, Some(101)),
            (101, false, Some(101)),
            (102, false, None),
            (110, true, Some(110)),
            (111, true, None),
            (50, true, Some(100)),
            (50, false, Some(100)),
            (100, false, Some(100)),
        ] {
            let found = span(20, 100).with(at, same);
            assert_eq!(found, with.map(|until| span(20, until)), "{at}, {same}");
        }
        assert_eq!(KeptSpan::of(8), span(7, 8));
    }

    #[test]
    fn gaps_are_the_times_between() {
        let spans = [span(10, 20), span(25, 100), span(200, 300)];
        for (grain, from, to, expected) in [
            (Grain::Second, 0, 400, vec![(0, 10), (20, 25), (100, 200), (300, 400)]),
            (Grain::Minute, 0, 360, vec![(100, 200), (300, 360)]),
            (Grain::Second, 30, 90, vec![]),
            (Grain::Second, 150, 180, vec![(150, 180)]),
            (Grain::Second, 22, 23, vec![(22, 23)]),
            (Grain::Second, 15, 250, vec![(20, 25), (100, 200)]),
        ] {
            assert_eq!(gaps(&spans, grain, from, to), expected, "{grain:?} {from} to {to}");
        }
        assert_eq!(gaps(&[], Grain::Second, 5, 9), [(5, 9)]);
    }

    #[test]
    fn a_span_meets_the_points_that_share_a_second_with_it() {
        for (began, until, end, meets) in
            [(0, 60, 60, true), (59, 60, 60, true), (60, 70, 60, false), (0, 60, 120, false), (0, 61, 120, true)]
        {
            assert_eq!(span(began, until).meets(Grain::Minute, end), meets, "{began} to {until} at {end}");
        }
    }

    #[test]
    fn spans_are_joined_over_short_times() {
        let spans = [span(0, 10), span(12, 100), span(160, 200), span(259, 300), span(300, 310)];
        assert_eq!(joined(&spans, Grain::Minute), [span(0, 100), span(160, 310)]);
        assert_eq!(joined(&spans, Grain::Second), [span(0, 10), span(12, 100), span(160, 200), span(259, 310)]);
        assert_eq!(joined(&spans, Grain::Hour), [span(0, 310)]);
        assert_eq!(joined(&[], Grain::Hour), []);
    }

    proptest! {
        #[test]
        fn every_second_is_in_a_span_or_in_a_gap(steps in proptest::collection::vec((1i64..9, 1i64..9), 0..8), from in 0i64..40, length in 0i64..60) {
            let mut end = 0;
            let spans: Vec<_> = steps.into_iter().map(|(gap, kept)| {
                let began = end + gap;
                end = began + kept;
                span(began, end)
            }).collect();
            let to = from + length;
            let gaps = gaps(&spans, Grain::Second, from, to);
            for at in from + 1..=to {
                let kept = spans.iter().any(|span| span.meets(Grain::Second, at));
                prop_assert_eq!(was_kept(&spans, Grain::Second, at), kept);
                let end = Grain::Minute.end_of(at);
                prop_assert_eq!(was_kept(&spans, Grain::Minute, end), spans.iter().any(|span| span.meets(Grain::Minute, end)));
                let gone = gaps.iter().filter(|(from, to)| *from < at && at <= *to).count();
                prop_assert_eq!(usize::from(!kept), gone, "the second that ends at {}", at);
            }
        }
    }
}
