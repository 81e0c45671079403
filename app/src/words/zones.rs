//! Times as the clocks of a zone show them.

use domain::zone::time_zone;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The zone of the reader's browser, with its name; UTC where it tells none.
pub(crate) fn own_zone() -> (String, TimeZone) {
    let system = TimeZone::system();
    let name = system.iana_name().unwrap_or("UTC").to_owned();
    let zone = named(&name);
    (name, zone)
}

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
    civil_moment(zone.to_datetime(at))
}

/// The same of a local time.
pub(crate) fn civil_moment(at: DateTime) -> String {
    seen_in(TimeZone::UTC.to_datetime(Timestamp::now()).year(), at)
}

fn seen_in(year: i16, at: DateTime) -> String {
    let other = if at.year() == year { String::new() } else { format!(" {}", at.year()) };
    format!("{} {} {}{other}, {:02}:{:02}", weekday(at), at.day(), month(at.month()), at.hour(), at.minute())
}

/// `Sun 22:00`, for what is less than a week away.
pub(crate) fn soon(at: Timestamp, zone: &TimeZone) -> String {
    let at = zone.to_datetime(at);
    format!("{} {:02}:{:02}", weekday(at), at.hour(), at.minute())
}

/// `Mon`
pub(crate) fn weekday(at: DateTime) -> &'static str {
    ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        .get(usize::from(at.weekday().to_monday_zero_offset().unsigned_abs()))
        .copied()
        .unwrap_or_default()
}

/// `Dec`
pub(crate) fn month(number: i8) -> &'static str {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    MONTHS.get(usize::from(number.unsigned_abs().saturating_sub(1))).copied().unwrap_or_default()
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
        let shown = |zone| seen_in(2026, named(zone).to_datetime(at));
        assert_eq!(shown("Europe/Berlin"), "Sun 6 Dec, 22:00");
        // Whoever mistypes the year sees it.
        assert_eq!(seen_in(2025, named("Europe/Berlin").to_datetime(at)), "Sun 6 Dec 2026, 22:00");
        assert_eq!(soon(at, &named("America/New_York")), "Sun 16:00");
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
