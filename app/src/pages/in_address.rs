//! What is kept in the address, so that a view can be shared and found again.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_query_map};
use leptos_router::params::ParamsMap;

/// Reads one parameter of the address; empty when it has none.
pub(crate) fn parameter(key: &'static str) -> Memo<String> {
    let query = use_query_map();
    Memo::new(move |_| query.with(|query| query.get(key).unwrap_or_default()))
}

/// Sets one parameter of the address without leaving a trace in the browser's history; an empty value removes it.
pub(crate) fn parameter_setter(key: &'static str) -> Callback<String> {
    let (navigate, location) = (StoredValue::new_local(use_navigate()), use_location());
    Callback::new(move |value: String| {
        let mut query: ParamsMap = location.query.get_untracked();
        query.remove(key);
        if !value.is_empty() {
            query.insert(key.to_owned(), value);
        }
        let path = location.pathname.get_untracked();
        let options = NavigateOptions { replace: true, scroll: false, resolve: false, ..Default::default() };
        navigate.with_value(|go| go(&format!("{path}{}", query.to_query_string()), options));
    })
}
