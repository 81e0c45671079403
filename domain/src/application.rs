//! Applications: a page for a deployment on which anyone with access fills in a form and sees the prediction (DR-15).

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::Actor;
use crate::terms::{InvalidTerms, LONGEST_TEXT, check_name, check_text};
use crate::visible;

/// Most fields of a form that have words of their own.
pub const MOST_FIELDS: usize = 256;
/// Longest name of a field, and longest hint, in characters.
pub const LONGEST_HINT: usize = 300;

/// The words about one field of the form, in place of those that the signature gives. One that the form does not have, as
/// after an update, is kept and not shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldWords {
    /// The name of the field in the form.
    pub name: String,
    /// The label that people read, at most 120 characters; empty for the name.
    pub label: String,
    /// A hint below it, at most 300 characters.
    pub hint: String,
    /// The text that stands in it at first, at most 2,000 characters.
    pub default: String,
}

/// The terms of an application: what its owner says on its page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApplicationTerms {
    /// The title of the page, 1 to 120 characters.
    pub title: String,
    /// A few sentences below it, at most 2,000 characters.
    #[serde(default)]
    pub introduction: String,
    /// The words about fields of the form, at most 256.
    #[serde(default)]
    pub fields: Vec<FieldWords>,
}

/// An application of a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// What its owner says.
    pub terms: ApplicationTerms,
    /// The actor who made it.
    pub made_by: Actor,
    /// The time at which it was made.
    pub made_at: Timestamp,
}

impl ApplicationTerms {
    /// Checks what the types cannot say.
    ///
    /// # Errors
    /// The first field that cannot be used.
    pub fn check(&self) -> Result<(), InvalidTerms> {
        check_name("title", &self.title)?;
        check_text("introduction", &self.introduction)?;
        let wrong = |problem: String| Err(InvalidTerms::new("fields", problem));
        if self.fields.len() > MOST_FIELDS {
            return wrong(format!("at most {MOST_FIELDS}"));
        }
        let mut names = BTreeSet::new();
        for field in &self.fields {
            let is_long = |text: &str, most: usize| text.chars().count() > most;
            if field.name.is_empty() || is_long(&field.name, LONGEST_HINT) || !names.insert(&field.name) {
                return wrong(format!("each needs a name of its own, of 1 to {LONGEST_HINT} characters"));
            }
            if !field.label.is_empty() {
                check_name("fields", &field.label)?;
            }
            if is_long(&field.hint, LONGEST_HINT) || visible::hides(&field.hint) {
                return wrong(format!("a hint has at most {LONGEST_HINT} characters, all of them to be seen"));
            }
            if is_long(&field.default, LONGEST_TEXT) {
                return wrong(format!("a default has at most {LONGEST_TEXT} characters"));
            }
        }
        Ok(())
    }

    /// The words about a field of the form.
    pub fn words_of(&self, field: &str) -> Option<&FieldWords> {
        self.fields.iter().find(|words| words.name == field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(name: &str) -> FieldWords {
        FieldWords { name: name.to_owned(), ..FieldWords::default() }
    }

    #[test]
    fn terms_have_bounds() {
        let good = ApplicationTerms {
            title: "Which iris is it?".to_owned(),
            introduction: "Measure a flower.\nIn centimetres.".to_owned(),
            fields: vec![FieldWords { label: "Petal".to_owned(), hint: "in cm".to_owned(), ..words("X 1") }],
        };
        assert_eq!(good.check(), Ok(()));
        assert_eq!(good.words_of("X 1").map(|words| words.label.as_str()), Some("Petal"));
        assert_eq!(good.words_of("X 2"), None);
        let long = |count: usize| "ü".repeat(count);
        for (wrong, field) in [
            (ApplicationTerms { title: " ".to_owned(), ..good.clone() }, "title"),
            (ApplicationTerms { title: long(121), ..good.clone() }, "title"),
            (ApplicationTerms { introduction: long(2_001), ..good.clone() }, "introduction"),
            (ApplicationTerms { fields: vec![words("")], ..good.clone() }, "fields"),
            (ApplicationTerms { fields: vec![words("a"), words("a")], ..good.clone() }, "fields"),
            (
                ApplicationTerms { fields: vec![FieldWords { label: long(121), ..words("a") }], ..good.clone() },
                "fields",
            ),
            (ApplicationTerms { fields: vec![FieldWords { hint: long(301), ..words("a") }], ..good.clone() }, "fields"),
            (
                ApplicationTerms {
                    fields: vec![FieldWords { hint: "a\u{202e}".to_owned(), ..words("a") }],
                    ..good.clone()
                },
                "fields",
            ),
            (
                ApplicationTerms { fields: vec![FieldWords { default: long(2_001), ..words("a") }], ..good.clone() },
                "fields",
            ),
            (ApplicationTerms { fields: (0..257).map(|n| words(&n.to_string())).collect(), ..good.clone() }, "fields"),
        ] {
            assert_eq!(wrong.check().unwrap_err().field, field, "{wrong:?}");
        }
    }
}
