//! The lines that are chosen, as the address says it.

use domain::wire::LineLevel;
use leptos::prelude::*;

use crate::api::logs::LogChoice;
use crate::pages::in_address::{parameter, parameter_setter};

/// The words of the address for the levels that can be chosen, the level, and what is shown for it.
pub(super) const LEVELS: [(&str, Option<LineLevel>, &str); 3] = [
    ("", None, "All levels"),
    ("warnings", Some(LineLevel::Warning), "Warnings and errors"),
    ("errors", Some(LineLevel::Error), "Errors only"),
];

/// The choice and the ways to change it.
#[derive(Clone, Copy)]
pub(super) struct LogAddress {
    pub(super) choice: Memo<LogChoice>,
    pub(super) level: Memo<String>,
    pub(super) wraps: Memo<bool>,
    pub(super) set_replica: Callback<String>,
    pub(super) set_revision: Callback<String>,
    pub(super) set_level: Callback<String>,
    set_wrap: Callback<String>,
}

impl LogAddress {
    /// What the address says.
    pub(super) fn here() -> Self {
        let (replica, revision, level, wrap) =
            (parameter("replica"), parameter("revision"), parameter("level"), parameter("wrap"));
        let choice = Memo::new(move |_| {
            let found = LEVELS.iter().find(|(word, ..)| level.with(|level| level == word));
            LogChoice {
                replica: replica.get(),
                revision: revision.get(),
                level: found.and_then(|(_, level, _)| *level),
            }
        });
        Self {
            choice,
            level,
            wraps: Memo::new(move |_| wrap.with(|wrap| wrap == "1")),
            set_replica: parameter_setter("replica"),
            set_revision: parameter_setter("revision"),
            set_level: parameter_setter("level"),
            set_wrap: parameter_setter("wrap"),
        }
    }

    /// Breaks long lines, or does not any more.
    pub(super) fn turn_wrap(self) {
        let word = if self.wraps.get_untracked() { "" } else { "1" };
        self.set_wrap.run(word.to_owned());
    }
}
