//! The words of a notice: what happened, why, what to do, and where to read on.
//!
//! Words are kept with the ids of people in braces ([`placeholder`]) and are given their names when somebody reads them
//! ([`Said::with_names`]): a person who was erased is named nowhere any more.

use serde::{Deserialize, Serialize};

use crate::event::{Entry, Event};
use crate::id::DeploymentName;
use crate::principal::PrincipalId;
use crate::visible;

/// Longest subject, in characters.
const LONGEST_SUBJECT: usize = 150;
/// Longest sentence, in characters.
const LONGEST_SENTENCE: usize = 2_000;

/// The words of a notice. All of them can be seen, and none but the sentences has several lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Said {
    /// What it is about, in a line.
    pub subject: String,
    /// What happened, in sentences.
    pub happened: String,
    /// Why it happened, where something says so.
    #[serde(default)]
    pub why: Option<String>,
    /// What the reader may do about it, where there is something.
    #[serde(default)]
    pub next: Option<String>,
    /// The page to read on, from the root of the interface: `/approvals/ID`.
    pub path: String,
}

impl Said {
    /// The words, without what cannot be seen and within bounds.
    pub(super) fn new(
        subject: String,
        happened: String,
        why: Option<String>,
        next: Option<&str>,
        path: String,
    ) -> Self {
        let sentence = |text: String| bounded(&visible::shown(&text), LONGEST_SENTENCE);
        Self {
            subject: in_a_line(&subject),
            happened: sentence(happened),
            why: why.filter(|why| !why.trim().is_empty()).map(sentence),
            next: next.map(str::to_owned),
            path,
        }
    }

    /// Several lines in one notice.
    pub(super) fn digest(subject: String, lines: &[String], next: &str, path: &str) -> Self {
        Self::new(subject, lines.join("\n"), None, Some(next), path.to_owned())
    }

    /// The words about an entry for somebody who sees name, URL and status of the deployment alone. What they say of the
    /// reader's own role they say to a consumer too.
    #[must_use]
    pub fn to_a_consumer(self, entry: &Entry, deployment: Option<&DeploymentName>) -> Self {
        let Some(name) = deployment else { return self };
        let (subject, happened) = match &entry.event {
            Event::RolloutMoved { .. } => (
                format!("{name} was changed"),
                format!("What answers behind the URL of {name} was changed, as its owners wanted."),
            ),
            Event::DeleteRequested { .. } => (
                format!("{name} is being deleted"),
                format!("The deployment {name} is deleted. Its URL stops answering."),
            ),
            _ => return self,
        };
        Self::new(subject, happened, None, None, "/".to_owned())
    }

    /// The words about this and then about `later`, which belongs to it.
    #[must_use]
    pub fn then(self, later: Self) -> Self {
        let happened = bounded(&format!("{}\n{}", self.happened, later.happened), LONGEST_SENTENCE);
        Self { happened, why: later.why.or(self.why), ..later }
    }

    /// The words with the names of people in the place of their ids.
    #[must_use]
    pub fn with_names(&self, name_of: impl Fn(&PrincipalId) -> String) -> Self {
        let named = |text: &str| named(text, &name_of);
        Self {
            subject: bounded(&in_a_line(&named(&self.subject)), LONGEST_SUBJECT),
            happened: visible::shown(&named(&self.happened)).into_owned(),
            why: self.why.as_deref().map(|why| visible::shown(&named(why)).into_owned()),
            next: self.next.clone(),
            path: self.path.clone(),
        }
    }
}

/// The words that stand for the name of somebody.
pub fn placeholder(id: &PrincipalId) -> String {
    format!("{{{id}}}")
}

/// `text` with names in the place of ids in braces. Anything else in braces stays.
fn named(text: &str, name_of: &impl Fn(&PrincipalId) -> String) -> String {
    let (mut whole, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('{') {
        whole.push_str(before);
        let id = after.split_once('}').and_then(|(id, behind)| Some((id.parse::<PrincipalId>().ok()?, behind)));
        rest = match id {
            Some((id, behind)) => {
                whole.push_str(&name_of(&id));
                behind
            }
            None => {
                whole.push('{');
                after
            }
        };
    }
    whole + rest
}

/// A text in one line, without what cannot be seen.
fn in_a_line(text: &str) -> String {
    let line = visible::shown(text).replace(['\n', '\t'], " ");
    bounded(&line, LONGEST_SENTENCE)
}

fn bounded(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_in_braces_are_names_of_people() {
        for other in ["{}", "{", "a {b} c", "{p-1}", "{{p-1}"] {
            assert_eq!(named(other, &|_| panic!("no id")), other);
        }
        let long = Said::new("x".repeat(5_000), String::new(), None, None, String::new());
        assert_eq!(long.with_names(|_| String::new()).subject.chars().count(), LONGEST_SUBJECT + 1);
    }
}
