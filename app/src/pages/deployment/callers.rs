//! Who may call the inference URL: anybody, or whoever shows a key or a token (AZ-3).

use std::sync::Arc;

use domain::action::Action;
use domain::configuration::Auth;
use domain::wire::ConfigurationView;
use leptos::prelude::*;
use serde_json::json;

use super::in_use::configuration_in_use;
use super::keys::KeyLines;
use super::subject::Subject;
use super::token_made::MakeToken;
use crate::components::CopyButton;
use crate::pages::actions::why_not;
use crate::pages::dialogs::{Dialogs, Open, UpdateTo};
use crate::pages::drawn::lost_connection;
use crate::pages::query_answer::QueryAnswer;

/// The section.
#[component]
pub(super) fn Callers() -> impl IntoView {
    let subject: Subject = expect_context();
    let query = configuration_in_use(subject);
    let draw = move |found: Arc<Option<ConfigurationView>>| {
        match found.as_ref().as_ref().map(|f| f.configuration.auth) {
        Some(Auth::None) => view! { <Anybody/> }.into_any(),
        Some(Auth::Key) => view! {
            <p class="prose">"Clients send one of two keys. Either is accepted, so that one can be replaced while the other is in use."</p>
            <KeyLines/>
            <HowToSend/>
        }
        .into_any(),
        Some(Auth::Token) => view! {
            <p class="prose">"Clients send a token that expires by itself. No token is kept: what was made can only be revoked all at once."</p>
            <MakeToken/>
            <HowToSend/>
        }
        .into_any(),
        None => view! { <p class="sub">"The configuration cannot be found any more."</p> }.into_any(),
    }
    };
    view! {
        <section class="panel" data-test="callers">
            <header class="panel-head"><h2>"Who may call it"</h2></header>
            <div class="panel-body stack"><QueryAnswer query=query draw=draw/></div>
        </section>
    }
}

/// Nobody has to show anything: how that is changed, without an outage.
#[component]
fn Anybody() -> impl IntoView {
    let subject: Subject = expect_context();
    let dialogs = Dialogs::here();
    let blocked = Memo::new(move |_| {
        let why = subject.view.with(|view| why_not(view.as_deref()?, Action::Update));
        lost_connection().or(why)
    });
    let ask_for = move |auth: Auth| {
        move |_| {
            if blocked.with_untracked(Option::is_none) {
                dialogs.open(Open::Update(subject.id(), Some(UpdateTo::Fields(json!({ "auth": auth })))));
            }
        }
    };
    let button = move |auth: Auth, name: &'static str, label: &'static str| {
        view! {
            <button
                type="button"
                class="button"
                data-test=name
                aria-disabled=move || blocked.with(|blocked| blocked.is_some().then_some("true"))
                title=move || blocked.get()
                on:click=ask_for(auth)
            >
                {label}
            </button>
        }
    };
    view! {
        <p class="prose" data-test="anybody">"Anybody who can reach the inference URL may call it: it asks for no key and no token."</p>
        <p class="prose second">"To change that without an outage, give every client a key first: what they send is ignored until it is asked for. Then update the deployment. From that moment on, a client without one is answered 401."</p>
        <KeyLines/>
        <div class="buttons">
            {button(Auth::Key, "ask-for-keys", "Update to ask for a key…")}
            {button(Auth::Token, "ask-for-tokens", "Update to ask for a token…")}
        </div>
    }
}

/// The line that a client sends, with a variable in place of the secret.
#[component]
fn HowToSend() -> impl IntoView {
    let subject: Subject = expect_context();
    let line = Memo::new(move |_| {
        let url = subject.view.with(|view| view.as_ref().map(|view| view.url.clone()).unwrap_or_default());
        format!("curl --header \"Authorization: Bearer $CHANGEOVER_KEY\" {url}")
    });
    view! {
        <div class="stack">
            <p class="sub">"Scripts take it from a variable, so that it stands in none of them:"</p>
            <p class="secret"><code data-test="how-to-send">{line}</code><CopyButton text=line describes="Copy the command"/></p>
        </div>
    }
}
