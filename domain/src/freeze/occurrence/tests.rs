//! Tables of local times, and the instants that they come to where the clocks change.

use super::*;
use crate::zone::time_zone;

/// A zone, the local times of an occurrence in it, and the instants that they come to.
type Row = (&'static str, &'static str, &'static str, Option<(&'static str, &'static str)>);

const TABLE: &[Row] = &[
    // Over a night in which the clocks go forward, and back.
    ("Europe/Berlin", "2026-03-28T22:00", "2026-03-29T06:00", Some(("2026-03-28T21:00Z", "2026-03-29T04:00Z"))),
    ("Europe/Berlin", "2026-10-24T22:00", "2026-10-25T06:00", Some(("2026-10-24T20:00Z", "2026-10-25T05:00Z"))),
    // Across the edges of an hour that is skipped, and inside it.
    ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T03:30", Some(("2026-03-29T01:00Z", "2026-03-29T01:30Z"))),
    ("Europe/Berlin", "2026-03-29T01:30", "2026-03-29T02:30", Some(("2026-03-29T00:30Z", "2026-03-29T01:00Z"))),
    ("Europe/Berlin", "2026-03-29T02:15", "2026-03-29T02:45", None),
    ("Europe/Berlin", "2026-03-29T02:00", "2026-03-29T03:00", None),
    ("America/New_York", "2026-03-08T02:30", "2026-03-08T03:30", Some(("2026-03-08T07:00Z", "2026-03-08T07:30Z"))),
    // Inside an hour that is shown twice, and across its edges.
    ("Europe/Berlin", "2026-10-25T02:15", "2026-10-25T02:45", Some(("2026-10-25T00:15Z", "2026-10-25T01:45Z"))),
    ("Europe/Berlin", "2026-10-25T01:30", "2026-10-25T02:30", Some(("2026-10-24T23:30Z", "2026-10-25T01:30Z"))),
    ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T03:30", Some(("2026-10-25T00:30Z", "2026-10-25T02:30Z"))),
    ("America/New_York", "2026-11-01T01:30", "2026-11-01T02:00", Some(("2026-11-01T05:30Z", "2026-11-01T07:00Z"))),
    // Half an hour.
    ("Australia/Lord_Howe", "2026-04-05T01:30", "2026-04-05T02:00", Some(("2026-04-04T14:30Z", "2026-04-04T15:30Z"))),
    ("Australia/Lord_Howe", "2026-10-04T01:45", "2026-10-04T02:45", Some(("2026-10-03T15:15Z", "2026-10-03T15:45Z"))),
    // A date line that a country crosses: a day that is never shown, one that is shown twice.
    ("Pacific/Apia", "2011-12-29T22:00", "2011-12-31T06:00", Some(("2011-12-30T08:00Z", "2011-12-30T16:00Z"))),
    ("Pacific/Apia", "2011-12-30T00:00", "2011-12-31T00:00", None),
    ("Pacific/Kwajalein", "1993-08-20T12:00", "1993-08-22T12:00", Some(("1993-08-21T00:00Z", "1993-08-22T00:00Z"))),
    ("Pacific/Kwajalein", "1993-08-21T08:00", "1993-08-21T20:00", None),
    ("Pacific/Kwajalein", "1969-09-30T06:00", "1969-09-30T07:00", Some(("1969-09-29T19:00Z", "1969-09-30T19:00Z"))),
    // Midnight is skipped.
    ("America/Sao_Paulo", "2018-11-04T00:00", "2018-11-04T00:30", None),
    ("America/Sao_Paulo", "2018-11-03T23:30", "2018-11-04T01:30", Some(("2018-11-04T02:30Z", "2018-11-04T03:30Z"))),
    // Years begin, days are added.
    ("UTC", "2027-12-31T23:59:59.999", "2028-01-01T00:00", Some(("2027-12-31T23:59:59.999Z", "2028-01-01T00:00Z"))),
    ("Europe/Berlin", "2026-12-24T18:00", "2027-01-02T06:00", Some(("2026-12-24T17:00Z", "2027-01-02T05:00Z"))),
    ("Pacific/Kiritimati", "2026-12-31T22:00", "2027-01-01T02:00", Some(("2026-12-31T08:00Z", "2026-12-31T12:00Z"))),
    ("Etc/GMT+12", "2026-12-31T22:00", "2027-01-01T02:00", Some(("2027-01-01T10:00Z", "2027-01-01T14:00Z"))),
    ("America/New_York", "2028-02-28T12:00", "2028-03-01T12:00", Some(("2028-02-28T17:00Z", "2028-03-01T17:00Z"))),
    // No change of the clocks that goes back again tells on the whole.
    ("Europe/Berlin", "2026-01-01T00:00", "2027-01-01T00:00", Some(("2025-12-31T23:00Z", "2026-12-31T23:00Z"))),
    // Clocks that are changed in another way: in negative summer time, and for a month of fasting.
    ("Europe/Dublin", "2026-10-25T01:15", "2026-10-25T01:45", Some(("2026-10-25T00:15Z", "2026-10-25T01:45Z"))),
    ("Africa/Casablanca", "2026-02-15T02:15", "2026-02-15T02:45", Some(("2026-02-15T01:15Z", "2026-02-15T02:45Z"))),
];

fn preview((zone, from, to, _): Row) -> Preview {
    Preview::new(&time_zone(zone).unwrap(), from.parse().unwrap(), to.parse().unwrap())
}

fn instants(row: Row) -> Option<Occurrence> {
    let instant = |text: &str| text.parse().unwrap();
    row.3.map(|(from, to)| Occurrence { from: instant(from), to: instant(to) })
}

#[test]
fn an_occurrence_reaches_from_the_first_to_the_last_instant_of_its_local_times() {
    for row in TABLE {
        assert_eq!(preview(*row).instants, instants(*row), "{row:?}");
    }
}

/// The local time of an instant says whether it lies inside: at the edges to the millisecond, and at every minute for a
/// day and a half around.
#[test]
fn no_instant_outside_shows_a_local_time_inside() {
    let millisecond = SignedDuration::from_millis(1);
    for row in TABLE {
        let zone = time_zone(row.0).unwrap();
        let Preview { from, to, instants, .. } = preview(*row);
        let shows = |at: Timestamp| (from..to).contains(&zone.to_datetime(at));
        let around = zone.to_timestamp(from).unwrap();
        let (begin, end) = instants.map_or((around, around), |instants| (instants.from, instants.to));
        if let Some(instants) = instants {
            assert!(shows(instants.from) && shows(instants.to - millisecond), "{row:?}");
            assert!(instants.contains(instants.from) && !instants.contains(instants.from - millisecond), "{row:?}");
            assert!(instants.contains(instants.to - millisecond) && !instants.contains(instants.to), "{row:?}");
        }
        for minutes in 0..36 * 60 {
            let away = SignedDuration::from_mins(minutes);
            assert!(!shows(begin - millisecond - away), "{row:?} {minutes} min before");
            assert!(!shows(end + away), "{row:?} {minutes} min after");
        }
    }
}

#[test]
fn the_preview_says_what_the_clocks_do() {
    use ClockChange::{Emptied, Lengthened, Shortened};
    let note = |from: &'static str, to: &'static str| {
        let preview = preview(("Europe/Berlin", from, to, None));
        (preview.clock_change, preview.note().unwrap_or_default())
    };
    for (from, to, change, sentence) in [
        ("2026-03-27T22:00", "2026-03-28T06:00", None, ""),
        ("2026-03-28T22:00", "2026-03-29T06:00", Some(Shortened), "The clocks change meanwhile: it is 1h shorter."),
        ("2026-03-29T02:45", "2026-03-29T03:30", Some(Shortened), "The clocks change meanwhile: it is 15m shorter."),
        ("2026-10-24T22:00", "2026-10-25T06:00", Some(Lengthened), "The clocks change meanwhile: it is 1h longer."),
        (
            "2026-03-29T02:15",
            "2026-03-29T02:45",
            Some(Emptied),
            "The clocks go forward over the whole of it: it does not take place.",
        ),
        ("2026-01-01T00:00", "2027-01-01T00:00", None, ""),
    ] {
        assert_eq!(note(from, to), (change, sentence.to_owned()), "{from} {to}");
    }
}
