//! Freezes at the edges of their occurrences, to the millisecond.

use super::*;
use crate::freeze::ClockChange;

const MILLISECOND: SignedDuration = SignedDuration::from_millis(1);

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn read(json: &str) -> FreezeTimes {
    let times: FreezeTimes = serde_json::from_str(json).unwrap();
    times.check().unwrap();
    times
}

fn once(from: &str, to: &str, zone: &str) -> FreezeTimes {
    read(&format!(r#"{{"once": {{"from": "{from}", "to": "{to}", "zone": "{zone}"}}}}"#))
}

fn weekly(days: &str, from: &str, to: &str, days_later: u8) -> FreezeTimes {
    let days: Vec<_> = days.split(' ').collect();
    let zone = "Europe/Berlin";
    let times = serde_json::json!({"days": days, "from": from, "to": to, "days_later": days_later, "zone": zone});
    read(&serde_json::json!({ "weekly": times }).to_string())
}

/// Asserts that it holds from `from` to `to`, and neither just before nor just after.
fn holds_between(times: &FreezeTimes, from: &str, to: &str) {
    let (from, to) = (at(from), at(to));
    let hold = Some(FreezeHold { until: Some(to) });
    assert_eq!(times.holds_at(from - MILLISECOND), None, "{times:?}: just before {from}");
    assert_eq!(times.holds_at(from), hold, "{times:?}: at {from}");
    assert_eq!(times.holds_at(to - MILLISECOND), hold, "{times:?}: just before {to}");
    assert_eq!(times.holds_at(to), None, "{times:?}: at {to}");
    assert_eq!(times.next_edge(from - MILLISECOND), Some(from), "{times:?}");
    assert_eq!(times.next_edge(from), Some(to), "{times:?}");
    assert_eq!(times.next_edge(to - MILLISECOND), Some(to), "{times:?}");
    assert!(times.next_edge(to).is_none_or(|next| next > to), "{times:?}");
}

#[test]
fn a_switch_holds_until_it_is_taken_away_or_ends() {
    let forever = read(r#"{"switch": {}}"#);
    assert_eq!(forever.holds_at(Timestamp::MIN), Some(FreezeHold { until: None }));
    assert_eq!(forever.next_edge(Timestamp::MIN), None);
    let until = at("2026-07-01T12:00:00Z");
    let ends = FreezeTimes::Switch { until: Some(until) };
    assert_eq!(ends.holds_at(until - MILLISECOND), Some(FreezeHold { until: Some(until) }));
    assert_eq!(ends.holds_at(until), None);
    assert_eq!((ends.next_edge(until - MILLISECOND), ends.next_edge(until)), (Some(until), None));
    assert_eq!(forever.occurrences(Timestamp::MIN, Timestamp::MAX), []);
}

#[test]
fn one_that_holds_once_holds_between_its_edges() {
    for (zone, from, to, begin, end) in [
        ("Europe/Berlin", "2026-03-28T22:00", "2026-03-29T06:00", "2026-03-28T21:00Z", "2026-03-29T04:00Z"),
        ("Europe/Berlin", "2026-10-24T22:00", "2026-10-25T06:00", "2026-10-24T20:00Z", "2026-10-25T05:00Z"),
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T03:30", "2026-03-29T01:00Z", "2026-03-29T01:30Z"),
        ("Europe/Berlin", "2026-10-25T02:15", "2026-10-25T02:45", "2026-10-25T00:15Z", "2026-10-25T01:45Z"),
        ("Europe/Berlin", "2026-10-25T01:30", "2026-10-25T02:30", "2026-10-24T23:30Z", "2026-10-25T01:30Z"),
        ("America/New_York", "2026-03-08T02:30", "2026-03-08T03:30", "2026-03-08T07:00Z", "2026-03-08T07:30Z"),
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T02:00", "2026-11-01T05:30Z", "2026-11-01T07:00Z"),
        ("Australia/Lord_Howe", "2026-04-05T01:30", "2026-04-05T02:00", "2026-04-04T14:30Z", "2026-04-04T15:30Z"),
        ("Pacific/Apia", "2011-12-29T22:00", "2011-12-31T06:00", "2011-12-30T08:00Z", "2011-12-30T16:00Z"),
        ("UTC", "2026-12-31T23:00", "2027-01-01T01:00", "2026-12-31T23:00Z", "2027-01-01T01:00Z"),
    ] {
        let times = once(from, to, zone);
        holds_between(&times, begin, end);
        // It is seen from far away, and it is over for good.
        assert_eq!(times.next_edge(at("1990-01-01T00:00Z")), Some(at(begin)));
        assert_eq!(times.next_edge(at(end)), None);
    }
    for (zone, from, to) in [
        ("Europe/Berlin", "2026-03-29T02:15", "2026-03-29T02:45"),
        ("America/Sao_Paulo", "2018-11-04T00:00", "2018-11-04T00:30"),
    ] {
        let times = once(from, to, zone);
        assert_eq!(times.next_edge(Timestamp::MIN), None);
        let previews = times.occurrences(at("2000-01-01T00:00Z"), at("2030-01-01T00:00Z"));
        assert_eq!(previews.len(), 1);
        assert_eq!((previews[0].instants, previews[0].clock_change), (None, Some(ClockChange::Emptied)));
    }
}

#[test]
fn a_weekly_one_begins_on_its_days_whatever_the_clocks_and_the_year_do() {
    let weekend = weekly("friday", "18:00", "08:00", 3);
    holds_between(&weekend, "2026-07-03T16:00:00Z", "2026-07-06T06:00:00Z");
    // From winter to summer and back.
    holds_between(&weekend, "2026-03-27T17:00:00Z", "2026-03-30T06:00:00Z");
    holds_between(&weekend, "2026-10-23T16:00:00Z", "2026-10-26T07:00:00Z");
    // From year to year.
    holds_between(&weekend, "2027-12-31T17:00:00Z", "2028-01-03T07:00:00Z");
    // As long as can be, where the day ends last, and where it begins first.
    let long = |zone: &str| {
        let week = r#""days": ["monday"], "from": "00:01", "to": "23:59", "days_later": 6"#;
        read(&format!(r#"{{"weekly": {{{week}, "zone": "{zone}"}}}}"#))
    };
    holds_between(&long("Pacific/Pago_Pago"), "2026-07-06T11:01:00Z", "2026-07-13T10:59:00Z");
    holds_between(&long("Pacific/Kiritimati"), "2026-07-05T10:01:00Z", "2026-07-12T09:59:00Z");
    let night = weekly("saturday sunday", "02:15", "02:45", 0);
    holds_between(&night, "2026-03-28T01:15:00Z", "2026-03-28T01:45:00Z");
    holds_between(&night, "2026-10-25T00:15:00Z", "2026-10-25T01:45:00Z");
    // On the 29th of March the clocks go over it.
    assert_eq!(night.next_edge(at("2026-03-28T01:45:00Z")), Some(at("2026-04-04T00:15:00Z")));
    assert_eq!(night.holds_at(at("2026-03-29T01:00:00Z")), None);
    let sunday = weekly("sunday", "02:15", "02:45", 0);
    assert_eq!(sunday.next_edge(at("2026-03-22T01:45:00Z")), Some(at("2026-04-05T00:15:00Z")));
}

#[test]
fn occurrences_that_overlap_or_touch_are_one_hold() {
    // Each day into the next one, from Monday to Thursday, and the days after until Friday noon.
    let week = weekly("monday tuesday wednesday thursday", "08:00", "12:00", 1);
    holds_between(&week, "2026-07-06T06:00:00Z", "2026-07-10T10:00:00Z");
    let touching = weekly("monday tuesday", "08:00", "08:00", 1);
    holds_between(&touching, "2026-07-06T06:00:00Z", "2026-07-08T06:00:00Z");
    // A longer one reaches over the begin of the next week's first.
    let long = weekly("monday saturday", "12:00", "11:00", 3);
    holds_between(&long, "2026-07-11T10:00:00Z", "2026-07-16T09:00:00Z");
    // The half hour between the first two is skipped in March.
    let almost = weekly("saturday sunday monday", "02:45", "02:15", 1);
    holds_between(&almost, "2026-03-28T01:45:00Z", "2026-03-30T00:15:00Z");
}

#[test]
fn one_that_covers_the_whole_week_does_not_end() {
    let every = "monday tuesday wednesday thursday friday saturday sunday";
    for times in [
        weekly(every, "02:30", "02:30", 1),
        weekly(every, "00:00", "06:00", 2),
        weekly("monday thursday", "00:00", "00:00", 4),
        weekly("wednesday friday saturday sunday", "23:00", "22:59", 4),
    ] {
        for now in ["2026-03-29T00:59:59.999Z", "2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", "2027-01-01T00:00:00Z"]
        {
            assert_eq!(times.holds_at(at(now)), Some(FreezeHold { until: None }), "{times:?} {now}");
            assert_eq!(times.next_edge(at(now)), None);
        }
    }
    let all_but_an_hour = weekly(every, "03:00", "02:00", 1);
    holds_between(&all_but_an_hour, "2026-07-06T01:00:00Z", "2026-07-07T00:00:00Z");
    let all_but_a_day = weekly("monday thursday", "00:00", "00:00", 3);
    holds_between(&all_but_a_day, "2026-07-06T00:00:00+02:00", "2026-07-12T00:00:00+02:00");
}

#[test]
fn occurrences_are_listed_in_order_and_within_bounds() {
    let night = weekly("saturday sunday", "02:15", "02:45", 0);
    let listed = night.occurrences(at("2026-03-28T01:44:59.999Z"), at("2026-04-04T00:15:00.001Z"));
    let days: Vec<_> = listed.iter().map(|preview| (preview.from.to_string(), preview.instants.is_some())).collect();
    let expected = [("2026-03-28T02:15:00", true), ("2026-03-29T02:15:00", false), ("2026-04-04T02:15:00", true)];
    assert_eq!(days, expected.map(|(day, takes_place)| (day.to_owned(), takes_place)));
    assert_eq!(night.occurrences(at("2026-03-28T01:45:00Z"), at("2026-04-04T00:15:00Z")).len(), 1);
    assert_eq!(night.occurrences(Timestamp::MIN, Timestamp::MAX).len(), MOST_PREVIEWS);
    assert_eq!(night.occurrences(at("2026-04-04T00:15:00Z"), at("2026-03-28T01:45:00Z")), []);
    // One that begins before the window and ends in it is in it.
    let long = weekly("monday", "00:01", "23:59", 6);
    assert_eq!(long.occurrences(at("2026-07-12T21:58:59.999Z"), at("2026-07-12T21:59:00Z")).len(), 1);
    for times in [once("2970-01-01T00:00", "2971-01-01T00:00", "Asia/Tokyo"), night, long] {
        for edge in [Timestamp::MIN, Timestamp::MAX] {
            let _ = (times.holds_at(edge), times.next_edge(edge), times.occurrences(edge, edge));
        }
    }
}

#[test]
fn what_cannot_be_used_is_refused_with_its_field() {
    let berlin = r#""zone": "Europe/Berlin""#;
    for (json, field) in [
        (format!(r#"{{"once": {{"from": "2026-07-01T08:00", "to": "2026-07-01T08:00", {berlin}}}}}"#), "when.once.to"),
        (
            format!(r#"{{"once": {{"from": "1969-07-01T08:00", "to": "2026-07-01T08:00", {berlin}}}}}"#),
            "when.once.from",
        ),
        (format!(r#"{{"once": {{"from": "2026-07-01T08:00", "to": "3000-07-01T08:00", {berlin}}}}}"#), "when.once.to"),
        (
            r#"{"once": {"from": "2026-07-01T08:00", "to": "2026-07-02T08:00", "zone": "CEST+1"}}"#.to_owned(),
            "when.once.zone",
        ),
        (format!(r#"{{"weekly": {{"days": [], "from": "08:00", "to": "09:00", {berlin}}}}}"#), "when.weekly.days"),
        (
            format!(r#"{{"weekly": {{"days": ["monday"], "from": "08:00", "to": "08:00", {berlin}}}}}"#),
            "when.weekly.to",
        ),
        (
            format!(
                r#"{{"weekly": {{"days": ["monday"], "from": "08:00", "to": "09:00", "days_later": 7, {berlin}}}}}"#
            ),
            "when.weekly.days_later",
        ),
        (
            r#"{"weekly": {"days": ["monday"], "from": "08:00", "to": "09:00", "zone": "europe/berlin"}}"#.to_owned(),
            "when.weekly.zone",
        ),
    ] {
        let times: FreezeTimes = serde_json::from_str(&json).unwrap();
        assert_eq!(times.check().unwrap_err().field, field, "{json}");
    }
    for json in [
        r#"{"once": {"from": "2026-07-01T08:00+02:00", "to": "2026-07-02T08:00", "zone": "UTC"}}"#,
        r#"{"once": {"from": "2026-07-01T08:00Z", "to": "2026-07-02T08:00", "zone": "UTC"}}"#,
        r#"{"once": {"from": "2026-07-01", "to": "2026-07-02T08:00", "zone": "UTC"}}"#,
        r#"{"weekly": {"days": ["monday"], "from": "08:00+02:00", "to": "09:00", "zone": "UTC"}}"#,
        r#"{"weekly": {"days": ["monday"], "from": "2026-07-01T08:00", "to": "09:00", "zone": "UTC"}}"#,
        r#"{"weekly": {"days": ["montag"], "from": "08:00", "to": "09:00", "zone": "UTC"}}"#,
        r#"{"weekly": {"days": ["monday"], "from": "08:00", "to": "24:00", "zone": "UTC"}}"#,
        r#""switch""#,
        "null",
    ] {
        assert!(serde_json::from_str::<FreezeTimes>(json).is_err(), "{json}");
    }
}

#[test]
fn a_zone_that_only_a_newer_build_knows_holds_at_the_times_of_utc() {
    let times: FreezeTimes = serde_json::from_str(
        r#"{"once": {"from": "2026-07-01T08:00", "to": "2026-07-01T09:00", "zone": "Mars/Olympus"}}"#,
    )
    .unwrap();
    assert_eq!(times.check().unwrap_err().field, "when.once.zone");
    assert!(times.holds_at(at("2026-07-01T08:00Z")).is_some());
}

/// Zones whose clocks are changed by an hour and by half of one, forward and back, at midnight and at two; and the date
/// line, crossed.
const CHANGES: [(&str, &str); 10] = [
    ("Europe/Berlin", "2026-03-29T01:00:00Z"),
    ("Europe/Berlin", "2026-10-25T01:00:00Z"),
    ("America/New_York", "2026-03-08T07:00:00Z"),
    ("America/New_York", "2026-11-01T06:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T15:00:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T15:30:00Z"),
    ("America/Sao_Paulo", "2018-11-04T03:00:00Z"),
    ("Pacific/Apia", "2011-12-30T10:00:00Z"),
    ("Pacific/Kwajalein", "1969-09-30T13:00:00Z"),
    ("UTC", "2027-01-01T00:00:00Z"),
];

/// The occurrences around an instant, looked for in steps of a quarter of an hour: every quarter whose local time lies
/// between the two of some day, and what lies between such quarters.
fn by_looking(times: &FreezeTimes, zone: &TimeZone, around: Timestamp) -> Vec<Occurrence> {
    let FreezeTimes::Weekly { days, from, to, days_later, .. } = times else { return Vec::new() };
    let quarter = SignedDuration::from_mins(15);
    let quarters: Vec<_> = (-9 * 96..9 * 96).map(|number| around + quarter * number).collect();
    let today = zone.to_datetime(around).date();
    let begins = (-14..14).map(|number: i64| today + number.days());
    let seen = |date: Date| {
        let shown = date.to_datetime(*from)..(date + i64::from(*days_later).days()).to_datetime(*to);
        let mut inside = quarters.iter().filter(|at| shown.contains(&zone.to_datetime(**at)));
        let first = inside.next()?;
        Some(Occurrence { from: *first, to: *inside.next_back().unwrap_or(first) + quarter })
    };
    begins.filter(|date| days.contains(&date.weekday().into())).filter_map(seen).collect()
}

proptest::proptest! {
    #[test]
    fn it_holds_where_looking_says_so_and_changes_at_edges_alone(
        change in proptest::sample::select(&CHANGES), away in -200i32..200, days in 1u8..128,
        from in 0i32..96, to in 0i32..96, days_later in 0u8..7,
    ) {
        let time = |quarters: i32| Time::midnight() + SignedDuration::from_mins(15 * i64::from(quarters));
        let days = Weekday::ALL.into_iter().filter(|day| days & (1 << *day as u8) != 0).collect();
        let zone = time_zone(change.0).unwrap();
        let times = FreezeTimes::Weekly { days, from: time(from), to: time(to), days_later, zone: change.0.to_owned() };
        proptest::prop_assume!(times.check().is_ok());
        let now = at(change.1) + SignedDuration::from_mins(15) * away;
        let seen = by_looking(&times, &zone, now);
        let holds = |at: Timestamp| seen.iter().any(|occurrence| occurrence.contains(at));
        for instant in [now - MILLISECOND, now, now + MILLISECOND] {
            proptest::prop_assert_eq!(times.holds_at(instant).is_some(), holds(instant), "at {}", instant);
        }
        let edge = times.next_edge(now);
        proptest::prop_assert!(times.holds_at(now).is_none_or(|hold| hold.until == edge));
        if let Some(edge) = edge {
            proptest::prop_assert!(edge > now && times.holds_at(edge).is_some() != times.holds_at(now).is_some());
        }
        let quarters = (1..200).map(|number| now + SignedDuration::from_mins(15) * number);
        for instant in quarters.take_while(|instant| edge.is_none_or(|edge| *instant < edge)) {
            let (then, at_first) = (times.holds_at(instant).is_some(), times.holds_at(now).is_some());
            proptest::prop_assert_eq!(then, at_first, "it changes at {} before {:?}", instant, edge);
        }
    }
}
