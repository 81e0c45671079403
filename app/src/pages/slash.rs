//! The key that leads to the search of a page.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

/// True while somebody writes, or answers a dialog: keys mean what they write then.
pub(crate) fn is_typing() -> bool {
    let active = document().active_element();
    active.is_some_and(|element| element.matches("input, textarea, select, dialog *").unwrap_or(false))
}

/// Lets `/` lead to a search, unless somebody is typing.
pub(crate) fn focus_on_slash(search: NodeRef<html::Input>) {
    let slash = window_event_listener(ev::keydown, move |event| {
        if event.key() == "/"
            && !is_typing()
            && !event.ctrl_key()
            && !event.meta_key()
            && let Some(search) = search.get_untracked()
        {
            event.prevent_default();
            let _ = search.focus();
        }
    });
    on_cleanup(move || slash.remove());
}
