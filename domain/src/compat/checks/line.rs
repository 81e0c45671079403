//! Writes the lines of a report.

use std::fmt::Write as _;

use crate::compat::report::{Check, CheckName, Outcome};
use crate::compat::sides::Pair;

/// Most names that a sentence lists.
const LISTED: usize = 12;
/// Longest name that a sentence repeats, in characters.
const LONGEST: usize = 120;

/// A line without sides.
pub(super) fn line(check: CheckName, outcome: Outcome, message: impl Into<String>) -> Check {
    Check { check, outcome, required: false, message: message.into(), current: None, candidate: None }
}

impl Check {
    /// With what each side has.
    pub(super) fn sides(mut self, current: impl Into<String>, candidate: impl Into<String>) -> Self {
        self.current = Some(current.into());
        self.candidate = Some(candidate.into());
        self
    }

    /// Without knowing this, the verdict is *not verified*.
    pub(super) fn must_be_known(mut self) -> Self {
        self.required = true;
        self
    }
}

/// One name, in quotes when it would not be seen, and never long.
pub(super) fn word(name: &str) -> String {
    let mut text: String = name.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if name.chars().count() > LONGEST {
        text.push('…');
    }
    if name.is_empty() || name.contains(char::is_whitespace) { format!("\"{text}\"") } else { text }
}

/// Names in a row, as `a, b, c and 7 more`.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    row(names.into_iter().map(word))
}

/// The given words in a row, as many as a sentence can hold.
pub(super) fn row(words: impl IntoIterator<Item = String>) -> String {
    let words: Vec<String> = words.into_iter().collect();
    let mut text = words.iter().take(LISTED).map(String::as_str).collect::<Vec<_>>().join(", ");
    if words.len() > LISTED {
        let _ = write!(text, " and {} more", words.len() - LISTED);
    }
    if text.is_empty() { "none".to_owned() } else { text }
}

impl Pair<'_> {
    /// The name of the model in use in sentences.
    pub(super) fn old_name(&self) -> String {
        self.current.model.to_string()
    }

    /// The name of the candidate in sentences.
    pub(super) fn new_name(&self) -> String {
        self.candidate.model.to_string()
    }
}
