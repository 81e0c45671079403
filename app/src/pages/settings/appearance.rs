//! Light or dark.

use leptos::prelude::*;

use crate::pages::theme::{Theme, ThemeChoice};

/// The card.
#[component]
pub(super) fn AppearanceCard() -> impl IntoView {
    let choice = ThemeChoice::here();
    view! {
        <section class="panel" data-test="appearance">
            <header class="panel-head"><h2>"Appearance"</h2><span class="sub">"In this browser."</span></header>
            <div class="panel-body">
                <div class="segments" role="group" aria-label="Appearance">
                    {Theme::ALL.map(|theme| view! {
                        <button
                            type="button"
                            data-test=format!("theme-{theme:?}").to_lowercase()
                            aria-pressed=move || (choice.now() == theme).to_string()
                            on:click=move |_| choice.choose(theme)
                        >
                            {theme.label()}
                        </button>
                    }).collect_view()}
                </div>
            </div>
        </section>
    }
}
