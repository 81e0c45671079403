//! What is kept in the address, so that a view can be shared and found again.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_query_map};
use leptos_router::location::State as Mark;
use leptos_router::params::ParamsMap;
use wasm_bindgen::JsValue;

use crate::api::href;

/// The parameter that names the open dialog.
const DIALOG: &str = "dialog";
/// Marks a place of the browser's history that was made by opening a dialog, so that closing it goes back.
const OPENED: &str = "changeover-dialog";

/// Reads one parameter of the address; empty when it has none.
pub(crate) fn parameter(key: &'static str) -> Memo<String> {
    let query = use_query_map();
    Memo::new(move |_| query.with(|query| query.get(key).unwrap_or_default()))
}

/// Sets one parameter of the address without leaving a trace in the browser's history; an empty value removes it.
pub(crate) fn parameter_setter(key: &'static str) -> Callback<String> {
    let set = parameters_setter();
    Callback::new(move |value: String| set.run(vec![(key, value)]))
}

/// Sets several parameters of the address as [`parameter_setter`] sets one.
pub(crate) fn parameters_setter() -> Callback<Vec<(&'static str, String)>> {
    let place = DialogPlace::here();
    Callback::new(move |values: Vec<(&'static str, String)>| {
        let mut query: ParamsMap = place.query.get_untracked();
        for (key, value) in values {
            query.remove(key);
            if !value.is_empty() {
                query.insert(key.to_owned(), value);
            }
        }
        place.write(&query, Some(mark()));
    })
}

/// Opens a dialog of the page itself by its name in the address; an empty one closes it.
pub(crate) fn dialog_setter() -> Callback<String> {
    let place = DialogPlace::here();
    Callback::new(move |name: String| match name.as_str() {
        "" => place.close(&[DIALOG]),
        _ => place.open(&[DIALOG], vec![(DIALOG, name)], false),
    })
}

/// The place of a dialog in the address and in the browser's history.
#[derive(Clone, Copy)]
pub(crate) struct DialogPlace {
    go: Callback<(String, NavigateOptions)>,
    path: Memo<String>,
    query: Memo<ParamsMap>,
}

impl DialogPlace {
    /// That of the page around the caller.
    pub(crate) fn here() -> Self {
        let (navigate, location) = (StoredValue::new_local(use_navigate()), use_location());
        let go = Callback::new(move |(address, options): (String, NavigateOptions)| {
            navigate.try_with_value(|go| go(&address, options));
        });
        Self { go, path: location.pathname, query: location.query }
    }

    /// A parameter of the address.
    pub(crate) fn parameter(self, key: &str) -> Option<String> {
        self.query.with(|query| query.get(key))
    }

    /// True while a dialog stands in the address.
    pub(crate) fn is_open(self) -> bool {
        self.query.with_untracked(|query| query.get(DIALOG).is_some_and(|name| !name.is_empty()))
    }

    /// Writes the parameters of a dialog in place of those under `keys`: as a step in the browser's history, or in place of
    /// the dialog before.
    pub(crate) fn open(self, keys: &[&'static str], parameters: Vec<(&'static str, String)>, in_place: bool) {
        let mut query = self.without(keys);
        for (key, value) in parameters {
            query.insert(key.to_owned(), value);
        }
        let mark = if in_place { mark() } else { Mark::new(Some(JsValue::from_str(OPENED))) };
        let address = format!("{}{}", self.path.get_untracked(), query.to_query_string());
        self.go.run((address, NavigateOptions { replace: in_place, state: mark, ..here() }));
    }

    /// Takes the dialog out of the address: back to where it was opened, or, where somebody came by a link, in place.
    pub(crate) fn close(self, keys: &[&'static str]) {
        if self.query.try_with_untracked(|query| query.get(DIALOG).is_none()).unwrap_or(true) {
            return;
        }
        let history = window().history();
        let is_ours = mark().to_js_value().as_string().as_deref() == Some(OPENED);
        if is_ours && history.is_ok_and(|history| history.back().is_ok()) {
            return;
        }
        self.write(&self.without(keys), None);
    }

    /// Goes to a page in place of the dialog.
    pub(crate) fn go(self, page: &str) {
        self.go.run((href(page), NavigateOptions { replace: true, resolve: false, ..Default::default() }));
    }

    fn without(self, keys: &[&'static str]) -> ParamsMap {
        let mut query: ParamsMap = self.query.get_untracked();
        for key in keys {
            query.remove(key);
        }
        query
    }

    fn write(self, query: &ParamsMap, mark: Option<Mark>) {
        let address = format!("{}{}", self.path.get_untracked(), query.to_query_string());
        self.go.run((address, NavigateOptions { replace: true, state: mark.unwrap_or_default(), ..here() }));
    }
}

/// What a step within a page has in common: it stays where it is scrolled to.
fn here() -> NavigateOptions {
    NavigateOptions { scroll: false, resolve: false, ..Default::default() }
}

/// The mark of the place where the browser is.
fn mark() -> Mark {
    Mark::new(window().history().and_then(|history| history.state()).ok())
}
