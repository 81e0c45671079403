//! Words, times, sizes and values as people read them.

use std::borrow::Cow;
use std::str::FromStr;

use domain::visible;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

/// The value of a word; `-` is taken for `_`.
pub(super) fn from_word<T: FromStr>(text: &str) -> Result<T, T::Err> {
    text.replace('-', "_").parse()
}

/// `text` without what could move the cursor, change the terminal or the order of what is read there.
pub(super) fn printable(text: &str) -> Cow<'_, str> {
    visible::shown(text)
}

/// A JSON value in one line: text without quotes, also in a list of texts; a dash for `null`.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::String(text) => printable(text).into_owned(),
        Value::Null => "-".to_owned(),
        Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_string) => {
            list(&items.iter().map(self::value).collect::<Vec<_>>())
        }
        other => printable(&other.to_string()).into_owned(),
    }
}

/// `text` cut to `width` characters.
pub(super) fn short(text: &str, width: usize) -> String {
    console::truncate_str(text, width, "…").into_owned()
}

/// Date and time of day.
pub(super) fn time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Date and time of day, without seconds, in the zone of this name if there is one, which then stands behind it.
pub(super) fn minute_in(at: Timestamp, named: Option<&str>, own: &TimeZone) -> String {
    match named.and_then(|name| Some((name, TimeZone::get(name).ok()?))) {
        Some((name, zone)) => format!("{} ({})", minute(at, &zone), printable(name)),
        None => minute(at, own),
    }
}

/// Date and time of day, without seconds.
pub(super) fn minute(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// Time of day.
pub(super) fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M:%S").to_string()
}

/// A time span.
pub(super) fn span(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0 if ms < 100 => format!("{ms} ms"),
        0..60 => format!("{seconds}.{} s", ms % 1000 / 100),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// A number of bytes.
pub(super) fn size(bytes: u64) -> String {
    indicatif::HumanBytes(bytes).to_string()
}

/// `1 replica`, `2 replicas`.
pub(super) fn count(number: u64, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

/// Items behind each other; a dash when there are none.
pub(super) fn list<T: ToString>(items: &[T]) -> String {
    match items {
        [] => "-".to_owned(),
        items => items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}
