//! The time that statistics are cleared of, and what becomes of points that lie in it only partly.
//!
//! What is kept is made of minutes for 31 days and of hours after that, so a time that somebody names is rounded outward: to
//! whole minutes, and what lies further back than 31 days to whole hours. Only its end is not put off: what comes after the
//! clearing is counted. A longer point that lies in it only partly is made anew from the shorter ones that are left.

use super::grain::Grain;

/// How far back there are minutes, in seconds.
const MINUTES: i64 = 31 * 24 * 3_600;

/// A time that is cleared of statistics, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClearedTime {
    /// Its beginning; none when it has no beginning.
    pub from: Option<i64>,
    /// Its end.
    pub to: i64,
}

/// The reasons for which nothing can be cleared of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidClearing {
    /// It ends later than now.
    #[error("to lies in the future. Leave it out to clear everything up to now")]
    Future,
    /// It ends before it begins.
    #[error("from must lie before to")]
    Empty,
    /// It ended so long ago that nothing is kept of it.
    #[error("to lies so far back that nothing is kept any more: statistics are kept for 366 days")]
    TooOld,
}

impl InvalidClearing {
    /// The field that is to be changed.
    pub fn field(self) -> &'static str {
        match self {
            Self::Future | Self::TooOld => "to",
            Self::Empty => "from",
        }
    }
}

impl ClearedTime {
    /// The time around what somebody names, at `now`: all there is without a beginning, up to now without an end.
    ///
    /// # Errors
    /// [`InvalidClearing`].
    pub fn around(from: Option<i64>, to: Option<i64>, now: i64) -> Result<Self, InvalidClearing> {
        let to = to.unwrap_or(now);
        if to > now {
            return Err(InvalidClearing::Future);
        }
        if from.is_some_and(|from| from >= to) {
            return Err(InvalidClearing::Empty);
        }
        if to <= Grain::Hour.too_old(now) {
            return Err(InvalidClearing::TooOld);
        }
        let grain = |at: i64| if at > now - MINUTES { Grain::Minute } else { Grain::Hour };
        Ok(Self { from: from.map(|from| grain(from).last_end(from)), to: grain(to).end_of(to).min(now) })
    }

    /// The points of this length that lie in it as a whole: those that end after the first time and not after the second.
    pub fn whole(self, grain: Grain) -> (i64, i64) {
        (self.from.map_or(i64::MIN, |from| grain.end_of(from)), grain.last_end(self.to))
    }

    /// The ends of the points of this length that lie in it only partly: two at most.
    pub fn partly(self, grain: Grain) -> Vec<i64> {
        let edge = |at: i64| (grain.last_end(at) != at).then(|| grain.end_of(at));
        let mut ends: Vec<i64> = self.from.and_then(edge).into_iter().chain(edge(self.to)).collect();
        ends.dedup();
        ends
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A time at which an hour begins.
    const HOUR: i64 = 1_800_000_000;
    const DAY: i64 = 24 * 3_600;

    #[test]
    fn a_time_is_rounded_outward_and_never_beyond_now() {
        let now = HOUR + 1_234;
        let old = now - 40 * DAY;
        for (from, to, expected) in [
            (None, None, Ok((None, now))),
            (Some(HOUR + 61), None, Ok((Some(HOUR + 60), now))),
            (Some(HOUR + 60), Some(HOUR + 120), Ok((Some(HOUR + 60), HOUR + 120))),
            (Some(HOUR + 61), Some(HOUR + 62), Ok((Some(HOUR + 60), HOUR + 120))),
            (Some(HOUR + 1_200), Some(now), Ok((Some(HOUR + 1_200), now))),
            (Some(HOUR + 1_230), Some(now - 1), Ok((Some(HOUR + 1_200), now))),
            // 40 days back there are hours alone.
            (Some(old), Some(old + 1), Ok((Some(HOUR - 40 * DAY), HOUR - 40 * DAY + 3_600))),
            (Some(old), Some(HOUR + 61), Ok((Some(HOUR - 40 * DAY), HOUR + 120))),
            (None, Some(now + 1), Err(InvalidClearing::Future)),
            (Some(now), None, Err(InvalidClearing::Empty)),
            (Some(HOUR + 9), Some(HOUR + 9), Err(InvalidClearing::Empty)),
            (Some(HOUR + 9), Some(HOUR + 8), Err(InvalidClearing::Empty)),
            (None, Some(now - 367 * DAY), Err(InvalidClearing::TooOld)),
        ] {
            let found = ClearedTime::around(from, to, now);
            assert_eq!(found, expected.map(|(from, to)| ClearedTime { from, to }), "{from:?} to {to:?}");
        }
        assert_eq!((InvalidClearing::Future.field(), InvalidClearing::Empty.field()), ("to", "from"));
    }

    #[test]
    fn points_lie_in_it_as_a_whole_or_partly() {
        let time = |from: Option<i64>, to: i64| ClearedTime { from: from.map(|from| HOUR + from), to: HOUR + to };
        for (cleared, grain, whole, partly) in [
            (time(Some(60), 180), Grain::Second, (60, 180), vec![]),
            (time(Some(60), 180), Grain::Minute, (60, 180), vec![]),
            (time(Some(60), 180), Grain::Hour, (3_600, 0), vec![3_600]),
            (time(Some(60), 7_260), Grain::Hour, (3_600, 7_200), vec![3_600, 10_800]),
            (time(Some(0), 3_600), Grain::Hour, (0, 3_600), vec![]),
            (time(Some(0), 3_661), Grain::Minute, (0, 3_660), vec![3_720]),
        ] {
            let (after, until) = cleared.whole(grain);
            assert_eq!((after - HOUR, until - HOUR), whole, "{cleared:?} in {grain:?}");
            assert_eq!(cleared.partly(grain).iter().map(|end| end - HOUR).collect::<Vec<_>>(), partly, "{cleared:?}");
        }
        let all = ClearedTime { from: None, to: HOUR + 30 };
        assert_eq!((all.whole(Grain::Hour), all.partly(Grain::Hour)), ((i64::MIN, HOUR), vec![HOUR + 3_600]));
    }

    proptest! {
        /// A second of it lies in a point that goes or is made anew, and no other second lies in one that goes.
        #[test]
        fn each_second_is_in_the_right_point(from in 0i64..20_000, length in 1i64..20_000, at in 0i64..50_000) {
            let time = ClearedTime { from: Some(HOUR + from), to: HOUR + from + length };
            let at = HOUR + at;
            let inside = HOUR + from < at && at <= time.to;
            for grain in Grain::ALL {
                let end = grain.end_of(at);
                let (after, until) = time.whole(grain);
                let goes = after < end && end <= until;
                let anew = time.partly(grain).contains(&end);
                prop_assert!(!(goes && anew));
                prop_assert!(!inside || goes || anew);
                prop_assert!(inside || !goes);
                prop_assert!(grain != Grain::Second || !anew);
            }
        }

        /// What is named lies in the time, which is no more than an hour longer at each end.
        #[test]
        fn what_is_named_is_cleared(from in 0i64..(400 * DAY), length in 1i64..DAY, ago in 0i64..(366 * DAY)) {
            let now = HOUR + 400 * DAY;
            let to = now - ago;
            let from = to - length - from % DAY;
            let found = ClearedTime::around(Some(from), Some(to), now).unwrap();
            let begin = found.from.unwrap();
            prop_assert!(begin <= from && from - begin < 3_600);
            prop_assert!(to <= found.to && found.to - to < 3_600 && found.to <= now);
        }
    }
}
