//! The stored form of events, and the reading of those that were stored in an older form.
//!
//! The JSON of an event carries the version of its form as `version`; without it, it is version 1. A field that is renamed,
//! moved or split makes a new version: a step says what an event of the version before becomes. What was written is never
//! changed, as the journal's hashes cover it; an entry is brought up to date each time that it is read. A new field with a
//! default, and one that is no longer looked at, need no step.

use serde_json::{Map, Value};

use super::Event;

/// Makes of an event, as JSON, what the same event is in the next version. Its `kind` stays: entries are looked up by it.
pub type Upgrade = fn(&mut Map<String, Value>);

/// The versions that there have been, by the steps between them: the first leads from version 1 to version 2.
#[derive(Clone, Copy, Debug)]
pub struct Versions(pub &'static [Upgrade]);

/// The versions of [`Event`]. With a step comes one in the list of the schema's (`store/schema.rs`), so that a program that
/// knows only the version before does not open the database.
pub const VERSIONS: Versions = Versions(&[]);

/// The field of the version.
const FIELD: &str = "version";

/// The reasons for which a stored event cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableEvent {
    /// The text is no JSON, or not that of an event.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The text is no JSON object, or its version is no number from 1 on.
    #[error("it is no object with a version from 1 on")]
    Form,
    /// A later version of the program wrote it.
    #[error("it has version {found} and this program knows only up to {known}; use the newer program")]
    Newer {
        /// Its version.
        found: u64,
        /// The newest one that is known.
        known: u64,
    },
}

impl Versions {
    /// The newest version: that of the events that are written.
    pub fn newest(&self) -> u64 {
        1 + self.0.len() as u64
    }

    /// `event` as it is stored.
    ///
    /// # Errors
    /// It has no form in JSON.
    pub fn to_value(&self, event: &Event) -> Result<Value, serde_json::Error> {
        let mut value = serde_json::to_value(event)?;
        if self.newest() > 1 {
            value[FIELD] = self.newest().into();
        }
        Ok(value)
    }

    /// Reads a stored event of any version.
    ///
    /// # Errors
    /// [`UnreadableEvent`].
    pub fn read(&self, text: &str) -> Result<Event, UnreadableEvent> {
        let Value::Object(mut fields) = serde_json::from_str(text)? else { return Err(UnreadableEvent::Form) };
        let version = match fields.remove(FIELD) {
            None => 1,
            Some(version) => version.as_u64().filter(|version| *version >= 1).ok_or(UnreadableEvent::Form)?,
        };
        if version > self.newest() {
            return Err(UnreadableEvent::Newer { found: version, known: self.newest() });
        }
        let behind = usize::try_from(version - 1).unwrap_or(usize::MAX);
        self.0.iter().skip(behind).for_each(|step| step(&mut fields));
        Ok(serde_json::from_value(Value::Object(fields))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A made-up history: `why` became `note`, and then notes got a mark.
    const MADE_UP: Versions = Versions(&[
        |event| {
            if let Some(why) = event.remove("why") {
                event.insert("note".to_owned(), why);
            }
        },
        |event| {
            if let Some(Value::String(note)) = event.get_mut("note") {
                note.push('.');
            }
        },
    ]);

    fn deactivated(note: &str) -> Event {
        Event::Deactivated { note: Some(note.to_owned()) }
    }

    #[test]
    fn each_version_is_brought_up_to_date_by_the_steps_that_it_lacks() {
        for (text, note) in [
            (r#"{"kind":"deactivated","why":"winter"}"#, "winter."),
            (r#"{"kind":"deactivated","version":1,"why":"winter"}"#, "winter."),
            (r#"{"kind":"deactivated","version":2,"note":"winter"}"#, "winter."),
            (r#"{"kind":"deactivated","version":3,"note":"winter"}"#, "winter"),
        ] {
            assert_eq!(MADE_UP.read(text).unwrap(), deactivated(note), "{text}");
        }
    }

    #[test]
    fn what_is_written_has_the_newest_version_and_is_read_back() {
        let event = deactivated("winter");
        let value = MADE_UP.to_value(&event).unwrap();
        assert_eq!(value["version"], 3);
        assert_eq!(MADE_UP.read(&value.to_string()).unwrap(), event);
        let value = VERSIONS.to_value(&event).unwrap();
        assert_eq!(VERSIONS.read(&value.to_string()).unwrap(), event);
    }

    #[test]
    fn a_later_version_and_what_is_no_version_are_refused() {
        let later = MADE_UP.read(r#"{"kind":"deactivated","version":4,"note":null}"#).unwrap_err();
        assert!(matches!(later, UnreadableEvent::Newer { found: 4, known: 3 }), "{later}");
        for text in ["[]", r#"{"kind":"deactivated","version":0}"#, r#"{"kind":"deactivated","version":"2"}"#] {
            assert!(matches!(MADE_UP.read(text), Err(UnreadableEvent::Form)), "{text}");
        }
    }
}
