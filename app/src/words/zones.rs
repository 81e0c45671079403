//! Times as the clocks of a named zone show them.

use domain::zone::time_zone;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::civil;

/// The zone of this name, else UTC.
pub(crate) fn named(name: &str) -> TimeZone {
    time_zone(name).unwrap_or(TimeZone::UTC)
}

/// The place that a zone is called after: *Berlin* for `Europe/Berlin`.
pub(crate) fn place(name: &str) -> String {
    name.rsplit('/').next().unwrap_or(name).replace('_', " ")
}

/// `Sun 6 Dec, 22:00`, with the year where it is another one than this.
pub(crate) fn moment(at: Timestamp, zone: &TimeZone) -> String {
    civil::moment(zone.to_datetime(at))
}

/// `Sun 6 Dec, 22:00 (Berlin)`
pub(crate) fn moment_and_place(at: Timestamp, name: &str) -> String {
    format!("{} ({})", moment(at, &named(name)), place(name))
}

/// The time until then in words, to the nearest of its unit, as in *in 6 days*.
pub(crate) fn within(at: Timestamp, now: Timestamp) -> String {
    let seconds = at.as_second() - now.as_second();
    match seconds {
        ..1 => "now".to_owned(),
        1..60 => format!("in {seconds} s"),
        60..5_400 => format!("in {} min", (seconds + 30) / 60),
        5_400..172_800 => format!("in {} h", (seconds + 1_800) / 3_600),
        _ => format!("in {} days", (seconds + 43_200) / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_as_the_clocks_of_its_zone_show_it() {
        let at: Timestamp = "2026-12-06T21:00:00Z".parse().unwrap();
        let shown = |zone| civil::seen_in(2026, named(zone).to_datetime(at));
        assert_eq!(shown("Europe/Berlin"), "Sun 6 Dec, 22:00");
        // Whoever mistypes the year sees it.
        assert_eq!(civil::seen_in(2025, named("Europe/Berlin").to_datetime(at)), "Sun 6 Dec 2026, 22:00");
        assert_eq!(civil::soon(named("America/New_York").to_datetime(at)), "Sun 16:00");
        assert_eq!(shown("Europe/Bonn"), "Sun 6 Dec, 21:00");
        assert_eq!(place("America/Argentina/Buenos_Aires"), "Buenos Aires");
    }

    #[test]
    fn the_time_until_then_has_its_unit() {
        let now: Timestamp = "2026-12-06T21:00:00Z".parse().unwrap();
        let at = |seconds: i64| Timestamp::from_second(now.as_second() + seconds).unwrap();
        for (seconds, text) in
            [(-5, "now"), (20, "in 20 s"), (3_599, "in 60 min"), (7_199, "in 2 h"), (7 * 86_400 - 5, "in 7 days")]
        {
            assert_eq!(within(at(seconds), now), text);
        }
    }
}
