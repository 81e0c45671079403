//! The two keys of the deployment: masked until somebody asks to see one.

use std::sync::Arc;

use domain::action::Action;
use domain::credential::Key;
use domain::wire::KeysView;
use leptos::prelude::*;

use super::subject::Subject;
use crate::api;
use crate::components::CopyButton;
use crate::pages::actions::why_not;
use crate::pages::dialogs::{Dialogs, Open};
use crate::pages::drawn::lost_connection;
use crate::pages::query_answer::QueryAnswer;
use crate::state::{Query, state};

/// A line for each key; the reason in their place for somebody who may not see them.
#[component]
pub(super) fn KeyLines() -> impl IntoView {
    let subject: Subject = expect_context();
    let blocked = Memo::new(move |_| subject.view.with(|view| why_not(view.as_deref()?, Action::ManageKeys)));
    move || {
        match blocked.get() {
        Some(why) => view! { <p class="sub" data-test="no-keys">"The keys are for its owners. "{why}</p> }.into_any(),
        None => view! {
            <ul class="row-lines" aria-label="Keys">{Key::ALL.map(|which| view! { <KeyLine which=which/> }).collect_view()}</ul>
        }
        .into_any(),
    }
    }
}

#[component]
fn KeyLine(which: Key) -> impl IntoView {
    let subject: Subject = expect_context();
    let dialogs = Dialogs::here();
    let shown = RwSignal::new(false);
    let title = match which {
        Key::Primary => "Primary key",
        Key::Secondary => "Secondary key",
    };
    let off = move || lost_connection().is_some();
    view! {
        <li class="row-line key-line" data-test="key" data-key=which.to_string()>
            <span class="what">
                <b class="second-line">{title}</b>
                {move || match shown.get() {
                    true => view! { <Unmasked which=which/> }.into_any(),
                    false => view! { <code aria-label="hidden" role="img" data-test="masked">"••••••••••••••••"</code> }.into_any(),
                }}
            </span>
            <button
                type="button"
                class="button small quiet"
                data-test="show-key"
                aria-pressed=move || shown.get().to_string()
                aria-label=move || format!("{} the {which} key", if shown.get() { "Hide" } else { "Show" })
                disabled=off
                on:click=move |_| shown.update(|shown| *shown = !*shown)
            >
                {move || if shown.get() { "Hide" } else { "Show" }}
            </button>
            <button
                type="button"
                class="button small quiet danger"
                data-test="rotate-key"
                aria-label=format!("Rotate the {which} key")
                disabled=off
                on:click=move |_| dialogs.open(Open::RotateKey(subject.id(), which))
            >
                "Rotate…"
            </button>
        </li>
    }
}

/// The key itself. It is read when it is shown, and forgotten with the line that shows it.
#[component]
fn Unmasked(which: Key) -> impl IntoView {
    let subject: Subject = expect_context();
    let state = state();
    let query = Query::whenever(
        move || state.touches(&subject.id()),
        move || async move { api::credentials::keys(&subject.name()).await },
    );
    let draw = move |keys: Arc<KeysView>| {
        let text = match which {
            Key::Primary => keys.primary.clone(),
            Key::Secondary => keys.secondary.clone(),
        };
        view! {
            <span class="secret"><code data-test="key-text">{text.clone()}</code><CopyButton text=text describes=format!("Copy the {which} key")/></span>
        }
        .into_any()
    };
    view! { <QueryAnswer query=query lines=1 draw=draw/> }
}
