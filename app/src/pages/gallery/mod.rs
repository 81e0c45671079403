//! The page at `/gallery`: every component in every state, with invented data. It is only built with the feature `gallery`.

mod choices;
mod dialogs;
mod fields;
mod invented;
mod models;
mod notices;
mod rollouts;
mod shelf;
mod states;
mod traffic;

use leptos::prelude::*;

use super::drawn::Drawn;
use super::page_title::entitle;
use super::theme::{Theme, ThemeChoice};

/// The page.
#[component]
pub(crate) fn GalleryPage() -> impl IntoView {
    entitle(|| "Gallery".to_owned());
    let theme = ThemeChoice::here();
    view! {
        <Drawn>
            <header class="page-head">
                <h1>"Gallery"</h1>
                <p class="sub grow">"Every component in every state, with invented data. Point at a control or press Tab for the rest."</p>
                <div class="segments" role="group" aria-label="Appearance">
                    {Theme::ALL.map(|one| view! {
                        <button
                            type="button"
                            data-test=format!("gallery-{}", one.label().to_lowercase().replace(' ', "-"))
                            aria-pressed=move || (theme.now() == one).to_string()
                            on:click=move |_| theme.choose(one)
                        >
                            {one.label()}
                        </button>
                    }).collect_view()}
                </div>
            </header>
            <states::States/>
            <choices::Choices/>
            <fields::Fields/>
            <notices::Notices/>
            <dialogs::OpenedOnTop/>
            <rollouts::Rollouts/>
            <traffic::Traffic/>
            <models::Models/>
        </Drawn>
    }
}
