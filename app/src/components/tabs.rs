//! A row of tabs. Each is a link, so that a view can be shared.

use leptos::prelude::*;

/// Links with the chosen one marked.
#[component]
pub(crate) fn Tabs(
    /// Key, label and address of each.
    tabs: Vec<(&'static str, &'static str, String)>,
    /// Key of the chosen one.
    #[prop(into)]
    chosen: Signal<String>,
) -> impl IntoView {
    let links = tabs
        .into_iter()
        .map(|(key, label, href)| {
            let current = move || (chosen.get() == key).then_some("page");
            view! { <a href=href aria-current=current data-test=format!("tab-{key}") data-noscroll="">{label}</a> }
        })
        .collect_view();
    view! { <nav class="tabs" aria-label="Views">{links}</nav> }
}
