//! Days as the reader's calendar shows them.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::civil::{month, weekday};
use super::{own_zone, zones};

/// The day of a time.
pub(crate) fn day_of(at: Timestamp) -> Date {
    own_zone::civil(at).date()
}

/// The time at which a day begins.
pub(crate) fn begin_of(day: Date) -> Option<Timestamp> {
    day.to_zoned(zones::named(&own_zone::name())).ok().map(|begin| begin.timestamp())
}

/// So many days later, or earlier.
pub(crate) fn moved(day: Date, days: i64) -> Date {
    day.checked_add(days.days()).unwrap_or(day)
}

/// `Today`, `Yesterday`, `Mon 3 Nov`, or `Mon 3 Nov 2025`.
pub(crate) fn title(day: Date, today: Date) -> String {
    let named = format!("{} {} {}", weekday(day.at(0, 0, 0, 0)), day.day(), month(day.month()));
    match () {
        () if day == today => "Today".to_owned(),
        () if moved(day, 1) == today => "Yesterday".to_owned(),
        () if day.year() == today.year() => named,
        () => format!("{named} {}", day.year()),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_are_called_as_people_call_them() {
        let today = date(2026, 3, 1);
        for (day, called) in [
            (today, "Today"),
            (date(2026, 2, 28), "Yesterday"),
            (date(2026, 2, 3), "Tue 3 Feb"),
            (date(2025, 11, 3), "Mon 3 Nov 2025"),
        ] {
            assert_eq!(title(day, today), called);
        }
        assert_eq!(moved(today, -1), date(2026, 2, 28));
    }
}
