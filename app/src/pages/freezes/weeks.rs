//! The layout of the calendar: weeks as rows, and freezes as bands in them. Pure functions.

use domain::freeze::Occurrence;
use domain::id::FreezeId;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

/// Days of a week.
const DAYS: usize = 7;
/// Hours of a day without a change of the clocks.
const HOURS: i64 = 24;
/// A band of a smaller share of a week carries its name beside it.
const SHORT: f64 = 0.6;

/// One day.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Day {
    /// The day.
    pub(super) date: Date,
    /// Its hours, where the clocks change on it.
    pub(super) hours: Option<i64>,
}

/// The time at which a band stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BandTime {
    /// It is over.
    Past,
    /// It holds now.
    Holds,
    /// It comes.
    Next,
}

/// A stretch of a freeze in one week; lengths in days from Monday on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Band {
    /// The freeze.
    pub(super) freeze: FreezeId,
    /// Its name.
    pub(super) name: String,
    /// Its begin, 0 to 7.
    pub(super) from: f64,
    /// Its end, 0 to 7.
    pub(super) to: f64,
    /// Its place from the top, from 0.
    pub(super) lane: usize,
    /// The time at which it stands.
    pub(super) time: BandTime,
    /// It began in an earlier week.
    pub(super) from_last: bool,
    /// It ends in a later week.
    pub(super) to_next: bool,
}

impl Band {
    /// True where the name does not fit into it.
    pub(super) fn is_short(&self) -> bool {
        self.to - self.from < SHORT
    }
}

/// One row of the calendar.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Week {
    /// Its ISO number.
    pub(super) number: i8,
    /// Its days, Monday first.
    pub(super) days: Vec<Day>,
    /// The bands in it.
    pub(super) bands: Vec<Band>,
    /// The place of now in it, 0 to 7, where it is this week.
    pub(super) now: Option<f64>,
}

/// An occurrence of a freeze.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Held {
    /// The freeze.
    pub(super) freeze: FreezeId,
    /// Its name.
    pub(super) name: String,
    /// From when until when.
    pub(super) stretch: Occurrence,
}

/// The Monday of the week that holds `now`.
pub(super) fn monday(now: Timestamp, zone: &TimeZone) -> Date {
    let today = zone.to_datetime(now).date();
    let since = i64::from(today.weekday().to_monday_zero_offset());
    today.checked_sub(since.days()).unwrap_or(today)
}

/// The first instants of the first day, and of the day after the last one.
pub(super) fn span(first: Date, weeks: usize, zone: &TimeZone) -> (Timestamp, Timestamp) {
    let days = i64::try_from(weeks * DAYS).unwrap_or(0);
    let last = first.checked_add(days.days()).unwrap_or(first);
    (start(first, zone), start(last, zone))
}

/// So many weeks from a Monday on, with what holds in them.
pub(super) fn weeks(first: Date, count: usize, held: &[Held], now: Timestamp, zone: &TimeZone) -> Vec<Week> {
    let mut lanes: Vec<FreezeId> = Vec::new();
    for one in held {
        if !lanes.contains(&one.freeze) {
            lanes.push(one.freeze.clone());
        }
    }
    let begins = |number: usize| first.checked_add(i64::try_from(number * DAYS).unwrap_or(0).days()).unwrap_or(first);
    (0..count).map(|number| week(begins(number), held, &lanes, now, zone)).collect()
}

fn week(monday: Date, held: &[Held], lanes: &[FreezeId], now: Timestamp, zone: &TimeZone) -> Week {
    let dates: Vec<Date> =
        (0..DAYS).filter_map(|day| monday.checked_add(i64::try_from(day).unwrap_or(0).days()).ok()).collect();
    let (from, until) = span(monday, 1, zone);
    let mut bands: Vec<Band> = held
        .iter()
        .filter(|one| one.stretch.from < until && one.stretch.to > from)
        .map(|one| Band {
            freeze: one.freeze.clone(),
            name: one.name.clone(),
            from: place(one.stretch.from.max(from), monday, zone),
            to: if one.stretch.to >= until { DAYS as f64 } else { place(one.stretch.to, monday, zone) },
            lane: lanes.iter().position(|lane| *lane == one.freeze).unwrap_or(0),
            time: match () {
                () if one.stretch.contains(now) => BandTime::Holds,
                () if one.stretch.to <= now => BandTime::Past,
                () => BandTime::Next,
            },
            from_last: one.stretch.from < from,
            to_next: one.stretch.to > until,
        })
        .collect();
    // The lanes of a week are those that it uses, in the order of all.
    let mut used: Vec<usize> = bands.iter().map(|band| band.lane).collect();
    used.sort_unstable();
    used.dedup();
    for band in &mut bands {
        band.lane = used.iter().position(|lane| *lane == band.lane).unwrap_or(0);
    }
    let days = dates.iter().map(|date| Day { date: *date, hours: odd_hours(*date, zone) }).collect();
    let here = (from <= now && now < until).then(|| place(now, monday, zone));
    Week { number: monday.iso_week_date().week(), days, bands, now: here }
}

/// Days from Monday to an instant, by what the clocks show: half a day is noon.
fn place(at: Timestamp, monday: Date, zone: &TimeZone) -> f64 {
    let local = zone.to_datetime(at);
    let days = monday.until(local.date()).map_or(0, |span| span.get_days());
    let seconds = i32::from(local.hour()) * 3_600 + i32::from(local.minute()) * 60 + i32::from(local.second());
    f64::from(days) + f64::from(seconds) / 86_400.0
}

/// The hours of a day on which the clocks change.
fn odd_hours(date: Date, zone: &TimeZone) -> Option<i64> {
    let next = date.tomorrow().ok()?;
    let seconds = start(next, zone).as_second() - start(date, zone).as_second();
    let hours = (seconds + 1_800) / 3_600;
    (hours != HOURS).then_some(hours)
}

fn start(date: Date, zone: &TimeZone) -> Timestamp {
    zone.to_ambiguous_timestamp(date.to_datetime(jiff::civil::Time::midnight())).compatible().unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::zones::named;

    fn held(name: &str, from: &str, to: &str) -> Held {
        let stretch = Occurrence { from: from.parse().unwrap(), to: to.parse().unwrap() };
        Held { freeze: name.parse().unwrap(), name: name.to_owned(), stretch }
    }

    #[test]
    fn a_band_is_cut_by_the_week_and_goes_on_in_the_next() {
        let berlin = named("Europe/Berlin");
        let now = "2026-11-29T03:00:00Z".parse().unwrap();
        let first = monday(now, &berlin);
        assert_eq!(first.to_string(), "2026-11-23");
        let quarter = held("quarter", "2026-11-27T11:00:00Z", "2026-11-30T05:00:00Z");
        let drawn = weeks(first, 2, &[quarter], now, &berlin);
        assert_eq!((drawn[0].number, drawn[0].now.is_some(), drawn[1].now), (48, true, None));
        let (here, next) = (&drawn[0].bands[0], &drawn[1].bands[0]);
        assert_eq!((here.from, here.to, here.to_next, here.from_last), (4.5, 7.0, true, false));
        assert_eq!((next.from, next.to, next.to_next, next.from_last), (0.0, 0.25, false, true));
        assert_eq!((here.time, here.is_short(), next.is_short()), (BandTime::Holds, false, true));
    }

    #[test]
    fn freezes_that_overlap_lie_in_lanes_of_their_own() {
        let now = "2026-11-23T00:00:00Z".parse().unwrap();
        let utc = TimeZone::UTC;
        let all = [
            held("a", "2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z"),
            held("b", "2026-11-24T12:00:00Z", "2026-11-26T00:00:00Z"),
            held("b", "2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z"),
        ];
        let drawn = weeks(monday(now, &utc), 2, &all, now, &utc);
        assert_eq!(drawn[0].bands.iter().map(|band| band.lane).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(drawn[1].bands.iter().map(|band| band.lane).collect::<Vec<_>>(), [0]);
        assert_eq!(drawn[0].bands[0].time, BandTime::Next);
    }

    #[test]
    fn days_on_which_the_clocks_change_say_their_hours() {
        let berlin = named("Europe/Berlin");
        let hours = |date: &str| odd_hours(date.parse().unwrap(), &berlin);
        assert_eq!([hours("2026-03-29"), hours("2026-10-25"), hours("2026-10-26")], [Some(23), Some(25), None]);
    }
}
