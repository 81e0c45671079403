//! The box that a list is searched with.

use leptos::html;
use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// A search, read as it is typed.
#[component]
pub(crate) fn SearchBox(
    /// The list that is searched, for screen readers and tests.
    label: &'static str,
    /// The hint in the empty box.
    placeholder: &'static str,
    /// The text in it.
    typed: RwSignal<String>,
    /// The input, for a page that gives it the focus.
    #[prop(optional)]
    input: NodeRef<html::Input>,
    /// The key that leads to it, shown while it has no focus.
    #[prop(optional)]
    key: Option<&'static str>,
) -> impl IntoView {
    view! {
        <div class="search">
            <Glyph icon=Icon::Search/>
            <input
                node_ref=input
                type="search"
                aria-label=label
                placeholder=placeholder
                prop:value=move || typed.get()
                on:input:target=move |event| typed.set(event.target().value())
                on:keydown=move |event| {
                    // In a form it would send what has not been decided yet.
                    if event.key() == "Enter" {
                        event.prevent_default();
                    }
                }
            />
            {key.map(|key| view! { <kbd>{key}</kbd> })}
        </div>
    }
}
