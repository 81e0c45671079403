//! Local times in words, whatever zone they are of.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// `Sun 6 Dec, 22:00`, with the year where it is another one than this.
pub(crate) fn moment(at: DateTime) -> String {
    seen_in(TimeZone::UTC.to_datetime(Timestamp::now()).year(), at)
}

/// The same, seen in this year.
pub(super) fn seen_in(year: i16, at: DateTime) -> String {
    let other = if at.year() == year { String::new() } else { format!(" {}", at.year()) };
    format!("{} {} {}{other}, {:02}:{:02}", weekday(at), at.day(), month(at.month()), at.hour(), at.minute())
}

/// `Sun 22:00`, for what is less than a week away.
pub(crate) fn soon(at: DateTime) -> String {
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
