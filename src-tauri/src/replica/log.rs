//! One line on standard error per event in a replica's life; nothing per request.

use std::io::Write;

use domain::replica::SPEAKS;

use super::output;

/// Writes one line.
///
/// A replica outlives the server that reads its output, so a closed standard error is no reason to fail.
pub(super) fn line(text: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "{SPEAKS}{text}");
    output::bound();
}

macro_rules! say {
    ($($part:tt)*) => { $crate::replica::log::line(format_args!($($part)*)) };
}
pub(super) use say;
