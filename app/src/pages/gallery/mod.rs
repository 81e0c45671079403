//! The page at `/gallery`: every component in every state, with invented data. It is only built with the feature `gallery`.

mod choices;
mod dialogs;
mod fields;
mod invented;
mod models;
mod notices;
mod rollouts;
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

/// A part of the page: components of one kind.
#[component]
fn Shelf(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <section class="part" data-test="gallery-shelf">
            <div class="panel">
                <header class="panel-head"><h2>{title}</h2></header>
                <div class="panel-body stack">{children()}</div>
            </div>
        </section>
    }
}

/// Components in a row, with the state that they are in.
#[component]
fn Line(state: &'static str, children: Children) -> impl IntoView {
    view! {
        <div class="stack">
            <span class="sub">{state}</span>
            <div class="buttons">{children()}</div>
        </div>
    }
}
