//! The error of terms that people write, and the rules of the texts in them.

use crate::visible;

/// The reason for which terms cannot be used: a field, and a sentence about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct InvalidTerms {
    /// The field, with dots.
    pub field: &'static str,
    /// A sentence that says what is wrong and what to do.
    pub problem: String,
}

impl InvalidTerms {
    pub(crate) fn new(field: &'static str, problem: impl Into<String>) -> Self {
        Self { field, problem: problem.into() }
    }
}

/// Longest name, in characters.
pub const LONGEST_NAME: usize = 120;
/// Longest text of several lines, in characters.
pub const LONGEST_TEXT: usize = 2_000;

/// Checks a name: 1 to [`LONGEST_NAME`] characters in one line, all of them to be seen.
pub(crate) fn check_name(field: &'static str, name: &str) -> Result<(), InvalidTerms> {
    if name.trim().is_empty() || name.chars().count() > LONGEST_NAME || visible::hides(name) {
        return Err(InvalidTerms::new(field, format!("1 to {LONGEST_NAME} characters, all of them to be seen")));
    }
    Ok(())
}

/// Checks a text, which may be empty: at most [`LONGEST_TEXT`] characters, all of them to be seen, and ends of lines.
pub(crate) fn check_text(field: &'static str, text: &str) -> Result<(), InvalidTerms> {
    if text.chars().count() > LONGEST_TEXT || visible::shown(text) != text {
        return Err(InvalidTerms::new(field, format!("at most {LONGEST_TEXT} characters, all of them to be seen")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts_are_seen_and_have_bounds() {
        for name in ["x", "Spätschicht 🙂", &"ü".repeat(LONGEST_NAME)] {
            assert_eq!(check_name("name", name), Ok(()), "{name}");
        }
        for name in ["", " ", "a\nb", "a\u{202e}b", &"ü".repeat(LONGEST_NAME + 1)] {
            assert!(check_name("name", name).is_err(), "{name}");
        }
        for text in ["", "two\nlines", &"ü".repeat(LONGEST_TEXT)] {
            assert_eq!(check_text("reason", text), Ok(()), "{text}");
        }
        for text in ["\u{1b}[31m", "a\u{200b}b", &"ü".repeat(LONGEST_TEXT + 1)] {
            assert_eq!(check_text("reason", text).unwrap_err().field, "reason", "{text}");
        }
    }
}
