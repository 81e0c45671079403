//! What is said of a package that cannot be read, loaded or trusted.

use super::report::{Check, CheckName, Outcome, Report};

/// Why a package cannot be read, loaded or trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The words for it.
    pub checks: Vec<CheckName>,
    /// The format, where it was recognised all the same.
    pub format: Option<String>,
    /// What is wrong and what to do, in a sentence.
    pub message: String,
}

/// The report when a side cannot be read: the candidate, or the one in use. `formats` are both sides' formats in words.
pub fn unreadable(
    current: Option<&Unreadable>,
    candidate: Option<&Unreadable>,
    formats: (Option<&str>, Option<&str>),
) -> Report {
    let mut checks = Vec::new();
    let line = |check, outcome, message: &str, required| Check {
        check,
        outcome,
        required,
        message: message.to_owned(),
        current: formats.0.map(str::to_owned),
        candidate: formats.1.map(str::to_owned),
    };
    if let Some(side) = candidate {
        checks.extend(side.checks.iter().map(|check| line(*check, Outcome::Failed, &side.message, true)));
    }
    if let Some(side) = current {
        let message = format!("The model in use cannot be read, so nothing can be compared with it: {}", side.message);
        checks.push(line(CheckName::OldUnreadable, Outcome::NotVerified, &message, true));
        // Of the side in use these say why, and do not speak against the candidate.
        checks.extend(side.checks.iter().map(|check| line(*check, Outcome::NotVerified, &message, true)));
    }
    if let (Some(old), Some(new)) = formats
        && old != new
    {
        let message = format!("The file in use is {old} and the candidate is {new}: they cannot be compared.");
        checks.push(line(CheckName::FormatChanged, Outcome::NotVerified, &message, true));
    }
    Report::of(checks, false)
}
