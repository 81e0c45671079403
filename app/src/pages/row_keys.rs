//! Arrow keys in a list of rows.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Moves the focus to the link of the next or the previous row, from a search too.
pub(crate) fn step_row(event: &KeyboardEvent) {
    let by = match event.key().as_str() {
        "ArrowDown" => 1,
        "ArrowUp" => -1,
        _ => return,
    };
    let Some(active) = document().active_element() else { return };
    if active.matches("textarea, select, [role=menuitem], dialog *").unwrap_or(true) {
        return;
    }
    let Ok(links) = document().query_selector_all("main .row-link") else { return };
    let links: Vec<HtmlElement> =
        (0..links.length()).filter_map(|at| links.item(at)?.dyn_into::<HtmlElement>().ok()).collect();
    // A list that is not shown has no place on the page.
    let links: Vec<_> = links.into_iter().filter(|link| link.offset_parent().is_some()).collect();
    let here = links.iter().position(|link| AsRef::<Element>::as_ref(link) == &active);
    let next = match (here, by) {
        (None, 1) => Some(0),
        (None, _) => None,
        (Some(at), 1) => Some(at + 1),
        (Some(at), _) => at.checked_sub(1),
    };
    if let Some(link) = next.and_then(|next| links.get(next)) {
        event.prevent_default();
        let _ = link.focus();
    }
}
