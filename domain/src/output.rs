//! The output of a replica: how its lines are kept with the time at which they were written, and what a line says of itself.
//!
//! A file of output may begin with a line that says at which byte of the whole output it begins ([`begins_at`]). Each line that
//! the replica has captured begins with its time ([`stamp`]); lines that a library wrote past it have none.

mod escapes;
mod level;
mod time;

use jiff::Timestamp;

pub use escapes::without_escapes;
pub use level::{LineLevel, level};

/// The beginning of the line that says where a file begins in the whole output.
const BEGINS_AT: &str = "#changeover: output from byte ";
/// Longest such line, its end included.
pub const LONGEST_BEGINNING: usize = BEGINS_AT.len() + 21;

/// The line that a file begins with whose first byte is this one of the whole output.
pub fn beginning(byte: u64) -> String {
    format!("{BEGINS_AT}{byte}\n")
}

/// The byte of the whole output at which a file begins, and the length of the line that says so: from the file's first bytes.
pub fn begins_at(first: &[u8]) -> Option<(u64, u64)> {
    let end = first.iter().take(LONGEST_BEGINNING).position(|byte| *byte == b'\n')?;
    let line = std::str::from_utf8(first.get(..end)?).ok()?;
    Some((line.strip_prefix(BEGINS_AT)?.parse().ok()?, end as u64 + 1))
}

/// The beginning of a line that was written at this time; with its level, where the writer knows it.
pub fn stamp(at: Timestamp, level: Option<LineLevel>) -> String {
    match level {
        Some(level) => format!("{at:.6} {level}\t"),
        None => format!("{at:.6}\t"),
    }
}

/// The line without its stamp.
pub fn unstamped(raw: &str) -> &str {
    parts(raw).map_or(raw, |(.., rest)| rest)
}

fn parts(raw: &str) -> Option<(Timestamp, Option<LineLevel>, &str)> {
    let (head, rest) = raw.split_once('\t')?;
    let (at, level) = match head.split_once(' ') {
        Some((at, level)) => (at, Some(level.parse().ok()?)),
        None => (head, None),
    };
    Some((at.parse().ok().filter(|_| at.ends_with('Z'))?, level, rest))
}

/// What a line says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldLine {
    /// When it was written, as far as that is known.
    pub at: Option<Timestamp>,
    /// Its level, where one can be told.
    pub level: Option<LineLevel>,
    /// The line as its writer wrote it, without colours.
    pub text: String,
}

/// Reads the lines of one replica in order: what goes on with the line before has its level, and what has no time the time
/// of the line before.
#[derive(Clone, Debug, Default)]
pub struct OutputReader {
    at: Option<Timestamp>,
    level: Option<LineLevel>,
}

impl OutputReader {
    /// Reads the next line.
    pub fn read(&mut self, raw: &str) -> ToldLine {
        let (stamped, given, rest) = match parts(raw) {
            Some((at, level, rest)) => (Some(at), level, rest),
            None => (None, None, raw),
        };
        // A bar of progress writes itself anew.
        let rest = rest.trim_end_matches('\r');
        let text = without_escapes(rest.rsplit('\r').next().unwrap_or(rest));
        let at = stamped.or_else(|| time::said(&text)).or(self.at);
        let own = given.or_else(|| level(&text));
        let goes_on = text.starts_with([' ', '\t']);
        let level = own.or_else(|| self.level.filter(|_| goes_on && !text.trim().is_empty()));
        self.at = at;
        if !text.trim().is_empty() {
            self.level = level;
        }
        ToldLine { at, level, text: text.into_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<Timestamp> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn a_stamped_line_reads_back() {
        let time: Timestamp = "2026-12-01T09:32:26.123456789Z".parse().unwrap();
        assert_eq!(stamp(time, None), "2026-12-01T09:32:26.123456Z\t");
        let line = format!("{}the model\tcannot be loaded", stamp(time, Some(LineLevel::Error)));
        let told = OutputReader::default().read(&line);
        assert_eq!(told.text, "the model\tcannot be loaded");
        assert_eq!((told.at, told.level), (at("2026-12-01T09:32:26.123456Z"), Some(LineLevel::Error)));
        assert_eq!(unstamped(&line), "the model\tcannot be loaded");
        for raw in ["", "plain", "a\tb", "2026-12-01T09:32:26.1Z loud\tx", "2026-12-01T09:32:26.1+01:00\tx"] {
            assert_eq!(unstamped(raw), raw);
        }
    }

    #[test]
    fn a_line_without_a_stamp_has_its_own_time_or_that_of_the_line_before() {
        let mut reader = OutputReader::default();
        assert_eq!(reader.read("nothing is known").at, None);
        assert_eq!(reader.read("2026-12-01T10:00:00+01:00 INFO up").at, at("2026-12-01T09:00:00Z"));
        assert_eq!(reader.read("from a library").at, at("2026-12-01T09:00:00Z"));
    }

    #[test]
    fn all_lines_of_a_traceback_are_errors_and_what_follows_is_not() {
        let mut reader = OutputReader::default();
        let levels: Vec<_> = [
            "INFO:     started",
            "Traceback (most recent call last):",
            "  File \"serve.py\", line 3, in <module>",
            "    load(\"INFO\")",
            "",
            "    ^^^^",
            "ValueError: no such model",
            "goes on",
            "  indented",
        ]
        .iter()
        .map(|line| reader.read(line).level)
        .collect();
        let error = Some(LineLevel::Error);
        assert_eq!(levels, [Some(LineLevel::Info), error, error, error, None, error, error, None, None]);
    }

    #[test]
    fn only_the_last_state_of_a_bar_of_progress_is_a_line() {
        let told = OutputReader::default().read("\r 10 %\r 20 %\u{1b}[K\r");
        assert_eq!(told.text, " 20 %");
    }

    #[test]
    fn a_file_says_where_it_begins() {
        for byte in [0, 7, u64::MAX] {
            let line = beginning(byte);
            assert!(line.len() <= LONGEST_BEGINNING);
            assert_eq!(begins_at(format!("{line}first\n").as_bytes()), Some((byte, line.len() as u64)));
        }
        for other in
            [&b""[..], b"first\n", b"#changeover: output from byte x\n", b"#changeover: output from byte 7", b"\xff\n"]
        {
            assert_eq!(begins_at(other), None);
        }
    }
}
