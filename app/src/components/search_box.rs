//! The box that a list is searched with.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// A search, read as it is typed.
#[component]
pub(crate) fn SearchBox(
    /// What is searched.
    label: &'static str,
    /// What stands there while it is empty.
    placeholder: &'static str,
    /// What was typed.
    typed: RwSignal<String>,
) -> impl IntoView {
    view! {
        <div class="search">
            <Glyph icon=Icon::Search/>
            <input
                type="search"
                aria-label=label
                placeholder=placeholder
                prop:value=move || typed.get()
                on:input:target=move |event| typed.set(event.target().value())
            />
        </div>
    }
}
