//! A time as it stands in a sentence that is written once for readers in every zone.

use jiff::Timestamp;

/// `at` to the minute, with its zone: *2026-11-29 08:04 UTC*. Pages and the command line show times in the reader's own
/// zone; a sentence that is stored, mailed or answered cannot know which that is.
pub fn in_words(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_reads_parts_of_seconds() {
        assert_eq!(in_words("2026-11-29T08:04:59.519943067Z".parse().unwrap()), "2026-11-29 08:04 UTC");
    }
}
