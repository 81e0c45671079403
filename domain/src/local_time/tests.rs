//! A table of texts, and the instants that they mean.

use super::*;

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn an_offset_says_the_instant_and_a_zone_does_where_there_is_none() {
    for (text, zone, expected) in [
        ("2026-10-25T22:00:00Z", None, "2026-10-25T22:00:00Z"),
        ("2026-10-25t22:00:00z", None, "2026-10-25T22:00:00Z"),
        ("2026-10-25T22:00:00.250Z", None, "2026-10-25T22:00:00.250Z"),
        ("2026-10-25 22:00Z", None, "2026-10-25T22:00:00Z"),
        ("2026-10-25T22:00:00-05:00", None, "2026-10-26T03:00:00Z"),
        // The instant is meant, also where the zone has another offset then.
        ("2026-10-25T02:30:00+01:00", Some("Europe/Berlin"), "2026-10-25T01:30:00Z"),
        ("2026-10-25T02:30:00Z", Some("America/New_York"), "2026-10-25T02:30:00Z"),
        ("2026-07-01T22:00", Some("Europe/Berlin"), "2026-07-01T20:00:00Z"),
        ("2026-01-01T00:30:00", Some("Europe/Berlin"), "2025-12-31T23:30:00Z"),
        ("2026-07-01 22:00:30.5", Some("Asia/Kathmandu"), "2026-07-01T16:15:30.5Z"),
        ("2026-12-31T23:59:59", Some("Pacific/Kiritimati"), "2026-12-31T09:59:59Z"),
        ("2026-07-01T22:00", Some("UTC"), "2026-07-01T22:00:00Z"),
    ] {
        assert_eq!(resolve(text, zone), Ok(instant(expected)), "{text} {zone:?}");
    }
}

#[test]
fn a_local_time_over_which_the_clocks_change_names_both_instants() {
    use Ambiguity::{Never, Twice};
    for (text, zone, ambiguity, first, second) in [
        ("2026-10-25T02:00", "Europe/Berlin", Twice, "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"),
        ("2026-10-25T02:59:59.999", "Europe/Berlin", Twice, "2026-10-25T00:59:59.999Z", "2026-10-25T01:59:59.999Z"),
        ("2026-03-29T02:00", "Europe/Berlin", Never, "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"),
        ("2026-03-29T02:30", "Europe/Berlin", Never, "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"),
        ("2026-04-05T01:45", "Australia/Lord_Howe", Twice, "2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"),
        ("2018-11-04T00:00", "America/Sao_Paulo", Never, "2018-11-04T02:00:00Z", "2018-11-04T03:00:00Z"),
        ("2011-12-30T12:00", "Pacific/Apia", Never, "2011-12-29T22:00:00Z", "2011-12-30T22:00:00Z"),
    ] {
        let (first, second) = (instant(first), instant(second));
        let error = resolve(text, Some(zone)).unwrap_err();
        let expected =
            LocalTimeError::Ambiguous { text: text.to_owned(), zone: zone.to_owned(), ambiguity, first, second };
        assert_eq!(error, expected);
        assert!(error.to_string().contains(&format!("{first} or {second}")), "{error}");
    }
    for (text, expected) in [
        ("2026-10-25T01:59:59.999", "2026-10-24T23:59:59.999Z"),
        ("2026-10-25T03:00", "2026-10-25T02:00:00Z"),
        ("2026-03-29T01:59:59.999", "2026-03-29T00:59:59.999Z"),
        ("2026-03-29T03:00", "2026-03-29T01:00:00Z"),
    ] {
        assert_eq!(resolve(text, Some("Europe/Berlin")), Ok(instant(expected)), "{text}");
    }
}

#[test]
fn what_is_no_time_is_refused() {
    for text in [
        "",
        "now",
        "22:00",
        "2026-10-25",
        "2026-10-25Z",
        "20261025T220000Z",
        "2026-10-25T22Z",
        "2026-10-25T25:00",
        "2026-02-30T22:00",
        "-002026-10-25T22:00",
        "12026-10-25T22:00Z",
        "2026-10-25T22:00+2",
        "2026-10-25T22:00+02:00[Europe/Berlin]",
        "2026-10-25T22:00[Europe/Berlin]",
        "2026-10-25T22:00 CEST",
        "2026-10-25T22:00:00ZZ",
        "2026-10-25T22:00:00+99:00",
        "2026-10-25T22:00:00+02:0ü",
    ] {
        assert_eq!(resolve(text, Some("Europe/Berlin")), Err(LocalTimeError::Unreadable(text.to_owned())), "{text}");
    }
    assert!(resolve(&"9".repeat(100_000), None).unwrap_err().to_string().len() < 200);
    let unknown = resolve("2026-10-25T22:00Z", Some("Europe/Bonn"));
    assert!(matches!(unknown, Err(LocalTimeError::UnknownZone(_))));
    assert_eq!(resolve("2026-10-25T22:00", None), Err(LocalTimeError::WithoutZone("2026-10-25T22:00".to_owned())));
}
