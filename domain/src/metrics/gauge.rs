//! What is seen of a deployment at each second, rolled up and written down only where it changes.
//!
//! A row holds from its point on until the next row, so an idle deployment has one row of each length. A row of a point that
//! is still running is written again when more is seen within it.

use super::grain::Grain;

/// What was seen of a deployment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gauge {
    /// Replicas that take requests; of a point the fewest.
    pub ready: u32,
    /// Requests that wait in the queue; of a point the most.
    pub waiting: u32,
}

impl Gauge {
    /// What was seen in both of two parts of a point.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { ready: self.ready.min(other.ready), waiting: self.waiting.max(other.waiting) }
    }
}

/// What is known of a deployment's gauge while it is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GaugeTrack {
    now: Option<Gauge>,
    points: [Point; 3],
}

/// The running point of one length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Point {
    end: i64,
    seen: Gauge,
    /// What the rows say of it.
    written: Option<Gauge>,
}

impl GaugeTrack {
    /// Goes on from the newest row of each length, in the order of [`Grain::ALL`]; `until` is the end of the last second that
    /// was counted.
    pub fn from_rows(rows: [Option<Gauge>; 3], until: i64) -> Self {
        let mut at = 0;
        let points = Grain::ALL.map(|grain| {
            let written = rows[at];
            at += 1;
            Point { end: grain.end_of(until), seen: written.unwrap_or_default(), written }
        });
        Self { now: rows[0], points }
    }

    /// What is seen at the end of the second `at`, the next after `last` that is counted; nothing has changed in between.
    /// `write` is called for each row that is to be written: the length and the end of its point, and what it says.
    pub fn see(&mut self, now: Gauge, at: i64, last: i64, mut write: impl FnMut(Grain, i64, Gauge)) {
        let before = self.now.replace(now);
        for (grain, point) in Grain::ALL.into_iter().zip(&mut self.points) {
            let end = grain.end_of(at);
            point.seen = match before {
                _ if point.end == end && point.written.is_some() => point.seen.and(now),
                Some(before) if grain.end_of(last) == end => before.and(now),
                _ => now,
            };
            point.end = end;
            if point.written != Some(point.seen) {
                point.written = Some(point.seen);
                write(grain, end, point.seen);
            }
        }
    }

    /// What was seen last.
    pub fn now(&self) -> Option<Gauge> {
        self.now
    }

    /// True when the next points say the same as the rows, as long as nothing changes: nobody needs to look.
    pub fn is_settled(&self) -> bool {
        self.points.iter().all(|point| point.written == self.now)
    }
}

/// What rows say of the points of a length that end after `from` and not after `to`, oldest first. The rows are in ascending
/// order; one at or before `from` holds until the next.
pub fn held(rows: &[(i64, Gauge)], grain: Grain, from: i64, to: i64) -> Vec<(i64, Gauge)> {
    let mut rows = rows.iter().peekable();
    let mut held = None;
    let mut points = Vec::new();
    let mut end = grain.end_of(from.saturating_add(1));
    while end <= to {
        while let Some((_, said)) = rows.next_if(|(at, _)| *at <= end) {
            held = Some(*said);
        }
        points.extend(held.map(|said| (end, said)));
        end += grain.seconds();
    }
    points
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn gauge(ready: u32, waiting: u32) -> Gauge {
        Gauge { ready, waiting }
    }

    type Rows = BTreeMap<(Grain, i64), Gauge>;

    /// Sees what is seen, as whoever writes it down does: only what changes or is not settled.
    fn see(track: &mut GaugeTrack, rows: &mut Rows, now: Gauge, at: i64, last: i64) {
        if track.is_settled() && track.now() == Some(now) {
            return;
        }
        track.see(now, at, last, |grain, end, said| {
            rows.insert((grain, end), said);
        });
    }

    fn of(rows: &Rows, grain: Grain) -> Vec<(i64, Gauge)> {
        rows.iter().filter(|((own, _), _)| *own == grain).map(|((_, end), said)| (*end, *said)).collect()
    }

    #[test]
    fn an_idle_deployment_has_one_row_of_each_length() {
        let (mut track, mut rows) = (GaugeTrack::from_rows([None; 3], 0), Rows::new());
        for at in 1..=10_000 {
            see(&mut track, &mut rows, gauge(2, 0), at, at - 1);
        }
        assert_eq!(rows.len(), 3, "{rows:?}");
        assert!(track.is_settled());
        assert_eq!(held(&of(&rows, Grain::Minute), Grain::Minute, 0, 180).len(), 3);
    }

    #[test]
    fn a_dip_is_in_its_minute_and_in_no_other() {
        let (mut track, mut rows) = (GaugeTrack::from_rows([None; 3], 0), Rows::new());
        for at in 1..=240 {
            let now = if at == 100 { gauge(0, 7) } else { gauge(2, 0) };
            see(&mut track, &mut rows, now, at, at - 1);
        }
        let minutes = held(&of(&rows, Grain::Minute), Grain::Minute, 0, 240);
        assert_eq!(minutes, [(60, gauge(2, 0)), (120, gauge(0, 7)), (180, gauge(2, 0)), (240, gauge(2, 0))]);
        assert_eq!(of(&rows, Grain::Second), [(1, gauge(2, 0)), (100, gauge(0, 7)), (101, gauge(2, 0))]);
        assert_eq!(of(&rows, Grain::Hour), [(3_600, gauge(0, 7))]);
    }

    #[test]
    fn a_change_to_more_within_a_minute_leaves_it_its_fewest() {
        let (mut track, mut rows) = (GaugeTrack::from_rows([None; 3], 0), Rows::new());
        for at in 1..=180 {
            see(&mut track, &mut rows, gauge(1 + u32::from(at > 90), 0), at, at - 1);
        }
        let minutes = held(&of(&rows, Grain::Minute), Grain::Minute, 0, 180);
        assert_eq!(minutes, [(60, gauge(1, 0)), (120, gauge(1, 0)), (180, gauge(2, 0))]);
    }

    #[test]
    fn rows_hold_until_the_next() {
        let rows = [(60, gauge(1, 0)), (240, gauge(3, 1))];
        let said = held(&rows, Grain::Minute, 0, 300);
        assert_eq!(
            said.iter().map(|(at, said)| (*at, said.ready)).collect::<Vec<_>>(),
            [(60, 1), (120, 1), (180, 1), (240, 3), (300, 3)]
        );
        assert_eq!(held(&rows, Grain::Minute, 120, 180), [(180, gauge(1, 0))]);
        assert_eq!(held(&rows[1..], Grain::Minute, 0, 180), []);
    }

    proptest! {
        /// Whatever is seen, with the server started anew in between, rows say the fewest and the most of each point.
        #[test]
        fn rows_say_what_was_seen(seen in proptest::collection::vec((0u32..3, 0u32..3, 0u32..40), 1..400), begin in 3_500i64..3_700) {
            let mut rows = Rows::new();
            let mut track = GaugeTrack::from_rows([None; 3], begin);
            let mut all = BTreeMap::new();
            let mut last = begin;
            // What is seen stays for a while.
            let mut now = gauge(0, 0);
            for (ready, waiting, change) in seen {
                if change < 4 {
                    now = gauge(ready, waiting);
                }
                if change == 39 {
                    let newest = |grain| of(&rows, grain).last().map(|(_, said)| *said);
                    track = GaugeTrack::from_rows(Grain::ALL.map(newest), last);
                }
                let at = last + 1;
                see(&mut track, &mut rows, now, at, last);
                all.insert(at, now);
                last = at;
            }
            for grain in Grain::ALL {
                let mut expected = BTreeMap::new();
                for (at, now) in &all {
                    expected.entry(grain.end_of(*at)).and_modify(|said: &mut Gauge| *said = said.and(*now)).or_insert(*now);
                }
                let said = held(&of(&rows, grain), grain, begin, grain.end_of(last));
                prop_assert_eq!(said, expected.into_iter().collect::<Vec<_>>(), "{:?}", grain);
            }
        }
    }
}
