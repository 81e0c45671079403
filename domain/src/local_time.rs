//! Times as people write them: an instant, or what a clock on the wall of some place shows.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::AmbiguousOffset;
use serde::{Deserialize, Deserializer};

use crate::zone::{UnknownZone, time_zone};

words! {
    /// The reasons for which a local time is no single instant. Both come from a change of the clocks.
    pub enum Ambiguity {
        /// The clocks go back over it, so that it is shown twice.
        Twice = "exists_twice",
        /// The clocks go forward over it, so that it is never shown.
        Never = "does_not_exist",
    }
}

/// The reasons for which a text is no instant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LocalTimeError {
    /// The clocks are changed over this local time.
    #[error("\"{text}\" {} in {zone}, because the clocks change there; write {first} or {second} instead",
        match .ambiguity { Ambiguity::Twice => "exists twice", Ambiguity::Never => "does not exist" })]
    Ambiguous {
        /// The local time.
        text: String,
        /// The zone in which it was meant.
        zone: String,
        /// The way in which it is ambiguous.
        ambiguity: Ambiguity,
        /// The first pass of it; or as much before the gap as it lies behind the gap's begin.
        first: Timestamp,
        /// The second pass of it; or as much after the gap as it lies before the gap's end.
        second: Timestamp,
    },
    /// No time zone is called so.
    #[error(transparent)]
    UnknownZone(#[from] UnknownZone),
    /// It is a local time, and nobody said where.
    #[error("\"{0}\" is a local time: say the time zone too, or write it with an offset, such as 2026-10-25T22:00:00Z")]
    WithoutZone(String),
    /// It is no time.
    #[error("\"{0}\" is no time; write 2026-10-25T22:00:00Z, or 2026-10-25T22:00 with a time zone")]
    Unreadable(String),
}

/// Longest text that is looked at, in bytes; also the longest that a sentence repeats.
const LONGEST: usize = 64;

/// The instant that `text` means: RFC 3339, or a local time of `zone`, a name of the IANA database. A text with an
/// offset means the same instant in every zone; the zone must exist all the same.
///
/// # Errors
/// The text is no time or names several instants, or there is no such zone.
pub fn resolve(text: &str, zone: Option<&str>) -> Result<Timestamp, LocalTimeError> {
    let named = zone.map(time_zone).transpose()?;
    let unreadable = || LocalTimeError::Unreadable(text.chars().take(LONGEST).collect());
    if let Some(local) = date_time(text) {
        let (Some(zone), Some(found)) = (zone, named) else {
            return Err(LocalTimeError::WithoutZone(text.to_owned()));
        };
        let instants = found.to_ambiguous_timestamp(local);
        let ambiguity = match instants.offset() {
            AmbiguousOffset::Unambiguous { .. } => return instants.unambiguous().map_err(|_| unreadable()),
            AmbiguousOffset::Fold { .. } => Ambiguity::Twice,
            AmbiguousOffset::Gap { .. } => Ambiguity::Never,
        };
        let (first, second) =
            (instants.earlier().map_err(|_| unreadable())?, instants.later().map_err(|_| unreadable())?);
        return Err(LocalTimeError::Ambiguous {
            text: text.to_owned(),
            zone: zone.to_owned(),
            ambiguity,
            first,
            second,
        });
    }
    let local = text.strip_suffix(['Z', 'z']).or_else(|| without_offset(text));
    local.and_then(date_time).and_then(|_| text.parse().ok()).ok_or_else(unreadable)
}

/// A text without the offset at its end, `+02:00`.
fn without_offset(text: &str) -> Option<&str> {
    let (local, offset) = text.split_at_checked(text.len().checked_sub(6)?)?;
    let [b'+' | b'-', h1, h2, b':', m1, m2] = offset.as_bytes() else { return None };
    [h1, h2, m1, m2].iter().all(|byte| byte.is_ascii_digit()).then_some(local)
}

/// A date and a time of day without offset or zone: `2026-10-25T22:00`, seconds and their fraction if need be.
pub(crate) fn date_time(text: &str) -> Option<DateTime> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let digits = date.split('-').map(str::len).eq([4, 2, 2]) && date.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    (digits && is_time_of_day(time)).then(|| text.parse().ok()).flatten()
}

/// A time of day without offset or zone: `22:00`, seconds and their fraction if need be.
fn time_of_day(text: &str) -> Option<Time> {
    is_time_of_day(text).then(|| text.parse().ok()).flatten()
}

fn is_time_of_day(text: &str) -> bool {
    text.len() <= LONGEST
        && matches!(text.as_bytes(), [_, _, b':', _, _] | [_, _, b':', _, _, b':', ..])
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b':' || byte == b'.')
}

/// Reads a [`DateTime`], refusing an offset or a zone, which jiff would leave out in silence.
pub(crate) fn read_date_time<'de, D: Deserializer<'de>>(from: D) -> Result<DateTime, D::Error> {
    read(from, date_time, "a local date and time such as 2026-10-25T22:00, without an offset")
}

/// Reads a [`Time`], refusing an offset or a zone, which jiff would leave out in silence.
pub(crate) fn read_time<'de, D: Deserializer<'de>>(from: D) -> Result<Time, D::Error> {
    read(from, time_of_day, "a time of day such as 22:00, without an offset")
}

fn read<'de, T: FromStr, D: Deserializer<'de>>(
    from: D,
    parsed: impl Fn(&str) -> Option<T>,
    expected: &str,
) -> Result<T, D::Error> {
    let text = String::deserialize(from)?;
    parsed(&text).ok_or_else(|| serde::de::Error::invalid_value(serde::de::Unexpected::Str(&text), &expected))
}

#[cfg(test)]
mod tests;
