//! What somebody has written and not sent yet: it survives a reload of the page, in this tab alone.
//!
//! Guarantees: one person never finds the draft of another, nor one thing that of another. Nothing secret is kept, because
//! each form names the fields that are.

use std::sync::Arc;

use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::state::{State, state};

/// The begin of every key in the browser's storage.
const DRAFT: &str = "changeover-draft";

/// The draft of one form.
#[derive(Clone)]
pub(crate) struct KeptDraft(Arc<str>);

impl KeptDraft {
    /// That of whoever is signed in, for the form of this name.
    pub(crate) fn of(state: State, form: &str) -> Self {
        let person = untrack(|| state.session().map(|session| session.id.to_string())).unwrap_or_default();
        Self(key_of(&person, form).into())
    }

    /// Lets the form of a dialog find its draft; what the dialog has to do when it closes, which forgets the draft.
    pub(crate) fn of_dialog<F: Fn() + 'static>(form: &str, on_close: F) -> impl Fn() + use<F> {
        let kept = Self::of(state(), form);
        kept.clone().provide();
        move || {
            kept.forget();
            on_close();
        }
    }

    /// Lets what is drawn below find it.
    pub(crate) fn provide(self) {
        provide_context(self);
    }

    /// That of the form around the caller, where it keeps one.
    pub(crate) fn here() -> Option<Self> {
        use_context()
    }

    /// True when there is something of it from before.
    pub(crate) fn is_there(&self) -> bool {
        !self.fields().is_empty()
    }

    /// Fills a field with what was kept of it, and keeps what is written into it from now on.
    pub(crate) fn keep<T>(&self, field: &'static str, value: RwSignal<T>)
    where
        T: Serialize + DeserializeOwned + Clone + PartialEq + Send + Sync + 'static,
    {
        let kept = self.fields().remove(field).and_then(|kept| serde_json::from_value(kept).ok());
        if let Some(kept) = kept {
            value.set(kept);
        }
        let this = self.clone();
        Effect::new(move |before: Option<T>| {
            let now = value.get();
            if before.is_some_and(|before| before != now)
                && let Ok(written) = serde_json::to_value(&now)
            {
                let mut fields = this.fields();
                fields.insert(field.to_owned(), written);
                this.write(&fields);
            }
            now
        });
    }

    /// The same for several texts.
    pub(crate) fn keep_texts<const N: usize>(&self, texts: [(&'static str, RwSignal<String>); N]) {
        for (field, text) in texts {
            self.keep(field, text);
        }
    }

    /// Forgets it: it was sent, or given up.
    pub(crate) fn forget(&self) {
        if let Some(storage) = storage() {
            let _ = storage.remove_item(&self.0);
        }
    }

    fn fields(&self) -> Map<String, Value> {
        let text = storage().and_then(|storage| storage.get_item(&self.0).ok().flatten());
        text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    fn write(&self, fields: &Map<String, Value>) {
        if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(fields)) {
            // A full storage keeps none: what is on the page stays there.
            let _ = storage.set_item(&self.0, &text);
        }
    }
}

/// Forgets every draft, as whoever signs out wants it.
pub(crate) fn forget_all() {
    let Some(storage) = storage() else { return };
    let keys = (0..storage.length().unwrap_or(0)).filter_map(|at| storage.key(at).ok().flatten());
    let drafts: Vec<_> = keys.filter(|key| key.starts_with(DRAFT)).collect();
    for key in drafts {
        let _ = storage.remove_item(&key);
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

fn key_of(person: &str, form: &str) -> String {
    format!("{DRAFT} {person} {form}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_finds_the_draft_of_somebody_else_or_of_something_else() {
        let keys = [
            key_of("person:a", "update 01m8ny511bgs07qtre4yn6zjrj"),
            key_of("person:b", "update 01m8ny511bgs07qtre4yn6zjrj"),
            key_of("person:a", "update 01m8ny511bgs07qtre4yn6zjrk"),
            key_of("person:a", "settings 01m8ny511bgs07qtre4yn6zjrj"),
        ];
        let different: std::collections::BTreeSet<_> = keys.iter().collect();
        assert_eq!(different.len(), keys.len());
        assert!(keys.iter().all(|key| key.starts_with(DRAFT)), "signing out finds all of them");
    }
}
