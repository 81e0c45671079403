//! The lengths of points, which of them answers what is asked, and how long each is kept.

/// The length of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grain {
    /// A second.
    Second,
    /// A minute.
    Minute,
    /// An hour.
    Hour,
}

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

impl Grain {
    /// Every length, the shortest first.
    pub const ALL: [Self; 3] = [Self::Second, Self::Minute, Self::Hour];

    /// The length of the points that make one of this length; none for the shortest.
    pub const fn finer(self) -> Option<Self> {
        match self {
            Self::Second => None,
            Self::Minute => Some(Self::Second),
            Self::Hour => Some(Self::Minute),
        }
    }

    /// The longest time that can be asked for, in seconds: 366 days.
    pub const LONGEST_WINDOW: u32 = 31_622_400;

    /// Its length in seconds.
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => HOUR,
        }
    }

    /// The length of the points that answer for the last `window` seconds: the shortest that is kept for so long and of
    /// which an answer does not hold many more than 4,000. Nothing is shorter than an hour after three days; a whole year
    /// are 8,784 of them.
    pub fn for_window(window: u32) -> Self {
        match i64::from(window) {
            ..=HOUR => Self::Second,
            window if window <= 3 * DAY => Self::Minute,
            _ => Self::Hour,
        }
    }

    /// The time for which points are kept, in seconds: an hour, 31 days, or 366 days, and a little more, so that the oldest
    /// point of the longest time that is asked for is there and whole.
    pub const fn kept_for(self) -> i64 {
        match self {
            Self::Second => HOUR + 120,
            Self::Minute => 31 * DAY + HOUR,
            Self::Hour => 367 * DAY,
        }
    }

    /// The end of the point to which the second that ends at `at` belongs.
    pub fn end_of(self, at: i64) -> i64 {
        self.last_end(at.saturating_add(self.seconds() - 1))
    }

    /// The end of the last point that is over at `now`.
    pub fn last_end(self, now: i64) -> i64 {
        now - now.rem_euclid(self.seconds())
    }

    /// The times between which whole points answer for the last `window` seconds before `now`: the begin of the first and
    /// the end of the last.
    pub fn around(self, window: u32, now: i64) -> (i64, i64) {
        let to = self.last_end(now);
        let points =
            i64::from(window).div_euclid(self.seconds()) + i64::from(i64::from(window).rem_euclid(self.seconds()) > 0);
        (to - points * self.seconds(), to)
    }

    /// The end of the newest point that has become too old at `now`.
    pub fn too_old(self, now: i64) -> i64 {
        now.saturating_sub(self.kept_for())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_shortest_points_answer_of_which_there_are_not_too_many() {
        for (window, grain) in [
            (1, Grain::Second),
            (3_600, Grain::Second),
            (3_601, Grain::Minute),
            (86_400, Grain::Minute),
            (259_200, Grain::Minute),
            (259_201, Grain::Hour),
            (2_678_400, Grain::Hour),
            (Grain::LONGEST_WINDOW, Grain::Hour),
        ] {
            assert_eq!(Grain::for_window(window), grain, "{window} s");
        }
    }

    #[test]
    fn a_second_belongs_to_the_point_in_which_it_ends() {
        for (grain, at, end) in [
            (Grain::Second, 7, 7),
            (Grain::Minute, 1, 60),
            (Grain::Minute, 60, 60),
            (Grain::Minute, 61, 120),
            (Grain::Hour, 3_600, 3_600),
            (Grain::Hour, 3_601, 7_200),
            (Grain::Minute, 0, 0),
            (Grain::Minute, -1, 0),
        ] {
            assert_eq!(grain.end_of(at), end, "{grain:?} at {at}");
        }
    }

    #[test]
    fn the_running_point_is_left_out() {
        for (grain, window, now, times) in [
            (Grain::Second, 300, 1_000, (700, 1_000)),
            (Grain::Minute, 3_601, 7_259, (3_540, 7_200)),
            (Grain::Minute, 7_200, 7_260, (60, 7_260)),
            (Grain::Hour, 259_201, 360_000, (97_200, 360_000)),
        ] {
            assert_eq!(grain.around(window, now), times, "{grain:?} for {window} s at {now}");
        }
    }

    proptest! {
        #[test]
        fn points_lie_beside_each_other(at in -10_000_000i64..10_000_000_000) {
            for grain in Grain::ALL {
                let end = grain.end_of(at);
                prop_assert_eq!(end % grain.seconds(), 0);
                prop_assert!(end - grain.seconds() < at && at <= end);
                prop_assert_eq!(grain.end_of(end), end);
                prop_assert!(grain.last_end(at) <= at && at < grain.last_end(at) + grain.seconds());
                // A longer one is made of whole shorter ones.
                prop_assert_eq!(Grain::Hour.end_of(end), Grain::Hour.end_of(at));
            }
        }

        #[test]
        fn what_is_asked_for_is_kept_and_an_answer_is_bounded(window in 1..=Grain::LONGEST_WINDOW, now in 0i64..10_000_000_000) {
            let grain = Grain::for_window(window);
            let (from, to) = grain.around(window, now);
            let points = (to - from) / grain.seconds();
            let most = if grain == Grain::Hour { 8_784 } else { 4_320 };
            prop_assert!(points <= most);
            prop_assert!(to <= now && to - from >= i64::from(window));
            // Also while what is asked lags a little behind.
            prop_assert!(from + grain.seconds() > grain.too_old(now + 60), "the oldest point is gone");
        }
    }
}
