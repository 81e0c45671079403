//! One line on standard error per event in a replica's life; nothing per request.

use domain::output::LineLevel;
use domain::replica::SPEAKS;

use super::output;

/// Writes one line.
pub(super) fn line(text: std::fmt::Arguments<'_>) {
    output::say(LineLevel::Info, &format!("{SPEAKS}{text}"));
}

/// Writes why the replica ends.
pub(super) fn failed(error: &impl std::fmt::Display) {
    output::say(LineLevel::Error, &format!("{SPEAKS}{error}"));
}

macro_rules! say {
    ($($part:tt)*) => { $crate::replica::log::line(format_args!($($part)*)) };
}
pub(super) use say;
