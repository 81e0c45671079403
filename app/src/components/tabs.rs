//! A row of tabs. Each is a link, so that a view can be shared.

use leptos::html;
use leptos::prelude::*;

/// Rolls a row of tabs to the chosen one: now, whenever what `chosen` reads has changed, and in a window of another size.
pub(crate) fn roll_to_chosen<T>(row: NodeRef<html::Nav>, chosen: impl Fn() -> T + 'static) {
    let roll = move || {
        let Some(row) = row.try_get_untracked().flatten() else { return };
        let Ok(Some(tab)) = row.query_selector("[aria-current]") else { return };
        let (row_box, tab_box) = (row.get_bounding_client_rect(), tab.get_bounding_client_rect());
        let (before, behind) = (tab_box.left() - row_box.left(), tab_box.right() - row_box.right());
        let by = if before < 0.0 { before } else { behind.max(0.0) };
        row.set_scroll_left(row.scroll_left() + by.ceil() as i32);
    };
    Effect::new(move |_| {
        chosen();
        // Once it is marked.
        request_animation_frame(roll);
    });
    let resized = window_event_listener(leptos::ev::resize, move |_| roll());
    on_cleanup(move || resized.remove());
}

/// Links with the chosen one marked.
#[component]
pub(crate) fn Tabs(
    /// Key, label and address of each.
    tabs: Vec<(&'static str, &'static str, String)>,
    /// Key of the chosen one.
    #[prop(into)]
    chosen: Signal<String>,
) -> impl IntoView {
    let row = NodeRef::<html::Nav>::new();
    roll_to_chosen(row, move || chosen.get());
    let links = tabs
        .into_iter()
        .map(|(key, label, href)| {
            let current = move || (chosen.get() == key).then_some("page");
            view! { <a href=href aria-current=current data-test=format!("tab-{key}") data-noscroll="">{label}</a> }
        })
        .collect_view();
    view! { <nav node_ref=row class="tabs" aria-label="Views">{links}</nav> }
}
