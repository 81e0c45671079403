//! Times as the reader's clock shows them. The browser knows the time zone, so its `Date` is asked.

use jiff::Timestamp;
use wasm_bindgen::JsValue;
use web_sys::js_sys::Date;

use super::numbers;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn local(at: Timestamp) -> Date {
    Date::new(&JsValue::from_f64(at.as_millisecond() as f64))
}

/// The time since then in words.
pub(crate) fn ago(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second() - at.as_second();
    let many = |number: i64, one: &str, many: &str| {
        format!("{} ago", numbers::count(usize::try_from(number).unwrap_or(0), one, many))
    };
    match seconds {
        ..5 => "now".to_owned(),
        5..60 => format!("{seconds} s ago"),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..86_400 => format!("{} h ago", seconds / 3_600),
        86_400..2_592_000 => many(seconds / 86_400, "day", "days"),
        2_592_000..31_536_000 => many(seconds / 2_592_000, "month", "months"),
        _ => many(seconds / 31_536_000, "year", "years"),
    }
}

/// `12:04:07`
pub(crate) fn clock(at: Timestamp) -> String {
    let date = local(at);
    format!("{:02}:{:02}:{:02}", date.get_hours(), date.get_minutes(), date.get_seconds())
}

/// `12:04`
pub(crate) fn minute(at: Timestamp) -> String {
    let date = local(at);
    format!("{:02}:{:02}", date.get_hours(), date.get_minutes())
}

/// `today 12:04`, `Oct 3`, or `Oct 3, 2024`
pub(crate) fn day(at: Timestamp, now: Timestamp) -> String {
    let (date, today) = (local(at), local(now));
    let month = MONTHS.get(date.get_month() as usize).copied().unwrap_or_default();
    let same_year = date.get_full_year() == today.get_full_year();
    match (same_year, date.get_month() == today.get_month() && date.get_date() == today.get_date()) {
        (true, true) => format!("today {}", minute(at)),
        (true, false) => format!("{month} {}", date.get_date()),
        (false, _) => format!("{month} {}, {}", date.get_date(), date.get_full_year()),
    }
}

/// `Oct 3, 12:04`
pub(crate) fn day_and_minute(at: Timestamp) -> String {
    let date = local(at);
    let month = MONTHS.get(date.get_month() as usize).copied().unwrap_or_default();
    format!("{month} {}, {}", date.get_date(), minute(at))
}

/// `Oct 3, 2026, 12:04:07`
pub(crate) fn exact(at: Timestamp) -> String {
    let date = local(at);
    let month = MONTHS.get(date.get_month() as usize).copied().unwrap_or_default();
    format!("{month} {}, {}, {}", date.get_date(), date.get_full_year(), clock(at))
}

/// `10-03 12:04:07.250`
pub(crate) fn of_line(at: Timestamp) -> String {
    let date = local(at);
    let (month, day) = (date.get_month() + 1, date.get_date());
    format!("{month:02}-{day:02} {}.{:03}", clock(at), date.get_milliseconds())
}

/// `Oct 3, 2026, 12:04:07 (2026-10-03T10:04:07.250Z)`: as the reader's clock shows it, and in UTC
pub(crate) fn both(at: Timestamp) -> String {
    format!("{} ({at:.3})", exact(at))
}

/// The duration of something in words.
pub(crate) fn took(from: Timestamp, to: Timestamp) -> String {
    let ms = u32::try_from(to.as_millisecond() - from.as_millisecond()).unwrap_or(0);
    match ms {
        0..60_000 => numbers::millis(ms.into()),
        _ => numbers::span(u64::from(ms) / 1_000),
    }
}

/// Seconds from now until then, 0 when it is past.
pub(crate) fn seconds_until(at: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(at.as_second() - now.as_second()).unwrap_or(0)
}
