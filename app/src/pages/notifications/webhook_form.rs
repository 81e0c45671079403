//! The dialog that makes a webhook, changes one, and gives one another secret.

use std::collections::BTreeSet;

use domain::id::DeploymentId;
use domain::notice::{Channel, Topic};
use domain::webhook::WebhookTerms;
use domain::wire::{WebhookSecret, WebhookView};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::api::{self, Failure};
use crate::components::{Check, CopyButton, DialogFooter, Field, Modal, Ticks, use_close};
use crate::pages::kept_draft::KeptDraft;
use crate::pages::query_answer::Refused;
use crate::state::{Query, state};
use crate::words::notices::topic;

/// Makes a webhook, or changes the one of `view`.
#[component]
pub(super) fn WebhookDialog(
    view: Option<WebhookView>,
    query: Query<Vec<WebhookView>>,
    on_close: impl Fn() + Copy + 'static,
) -> impl IntoView {
    let made = RwSignal::new(None::<WebhookSecret>);
    let title = view.as_ref().map_or_else(|| "New webhook".to_owned(), |view| format!("Webhook {}", view.terms.name));
    let form = view.as_ref().map_or_else(|| "webhook new".to_owned(), |view| format!("webhook {}", view.id));
    let closed = KeptDraft::of_dialog(&form, on_close);
    view! {
        <Modal title=title name="webhook" on_close=closed>
            {move || match made.get() {
                None => view! { <Form view=view.clone() query=query made=made/> }.into_any(),
                Some(made) => view! { <Shown made=made/> }.into_any(),
            }}
        </Modal>
    }
}

#[component]
fn Form(
    view: Option<WebhookView>,
    query: Query<Vec<WebhookView>>,
    made: RwSignal<Option<WebhookSecret>>,
) -> impl IntoView {
    let state = state();
    let close = use_close();
    let terms = view.as_ref().map(|view| view.terms.clone());
    let of = |read: fn(&WebhookTerms) -> String| RwSignal::new(terms.as_ref().map(read).unwrap_or_default());
    let (name, url) = (of(|terms| terms.name.clone()), of(|terms| terms.url.clone()));
    let active = RwSignal::new(terms.as_ref().is_none_or(|terms| terms.active));
    let topics = RwSignal::new(terms.as_ref().map(|terms| terms.topics.clone()).unwrap_or_default());
    let only = RwSignal::new(terms.map(|terms| terms.deployments).unwrap_or_default());
    // Its address is not kept: many hold a secret.
    if let Some(kept) = KeptDraft::here() {
        kept.keep("name", name);
        kept.keep("active", active);
        kept.keep("topics", topics);
        kept.keep("only", only);
    }
    let (pending, failure) = (RwSignal::new(false), RwSignal::new(None::<Failure>));
    let blocked = Signal::derive(move || {
        if name.with(|name| name.trim().is_empty()) {
            return Some("Write a name.".to_owned());
        }
        url.with(|url| url.trim().is_empty()).then(|| "Say where messages are sent.".to_owned())
    });
    let told = Topic::ALL.into_iter().filter(|one| one.channels().contains(&Channel::Webhook));
    let told = told.map(|one| (one, topic(one).to_owned())).collect::<Vec<_>>();
    let id = StoredValue::new(view.as_ref().map(|view| view.id.clone()));
    let is_new = view.is_none();
    let done = move |outcome: Result<Option<WebhookSecret>, Failure>| {
        match outcome {
            Ok(Some(secret)) => {
                query.ask();
                made.try_set(Some(secret));
            }
            Ok(None) => {
                query.ask();
                close.run();
            }
            Err(refused) => drop(failure.try_set(Some(state.noting(refused)))),
        }
        pending.try_set(false);
    };
    let save = move || {
        let terms = WebhookTerms {
            name: name.get_untracked().trim().to_owned(),
            url: url.get_untracked().trim().to_owned(),
            active: active.get_untracked(),
            topics: topics.get_untracked(),
            deployments: only.get_untracked(),
        };
        pending.set(true);
        failure.set(None);
        spawn_local(async move {
            done(match id.get_value() {
                Some(id) => api::webhooks::change(&id, &terms).await.map(|()| None),
                None => api::webhooks::create(&terms).await.map(Some),
            });
        });
    };
    let rotate = move |_| {
        let Some(id) = id.get_value() else { return };
        pending.set(true);
        failure.set(None);
        spawn_local(async move { done(api::webhooks::rotate(&id).await.map(Some)) });
    };
    let names = Signal::derive(move || state.deployment_names());
    let topics: RwSignal<BTreeSet<Topic>> = topics;
    let only: RwSignal<BTreeSet<DeploymentId>> = only;
    view! {
        <div class="content">
            <div class="form">
                <Field label="Name" name="webhook-name" value=name class="wide" placeholder="Chat of the team"/>
                <Field label="URL" name="webhook-url" value=url class="wide" inputmode="url" placeholder="https://chat.example.com/hooks/…"/>
            </div>
            <Check label="Send messages" name="webhook-active" value=active/>
            <Ticks label="Only messages about these topics (none chosen: about all)" all=told chosen=topics/>
            <Ticks label="Only on these deployments (none chosen: on all)" all=names chosen=only/>
            <p class="sub">"Messages are signed as the specification Standard Webhooks says. Nothing is sent to an address that only this machine or its network knows, unless changeover.toml allows it."</p>
            {(!is_new).then(|| view! {
                <p class="sub">
                    <button type="button" class="button small" data-test="rotate-secret" disabled=move || pending.get() on:click=rotate>"Create a new secret"</button>
                    " For a day the old secret is valid as well."
                </p>
            })}
            <Refused failure=failure/>
        </div>
        <DialogFooter label=(if is_new { "Create webhook" } else { "Save" }).to_owned() blocked=blocked pending=pending confirm=save/>
    }
}

/// Shows the secret, once.
#[component]
fn Shown(made: WebhookSecret) -> impl IntoView {
    let close = use_close();
    let secret = made.secret.map(|secret| secret.reveal().to_owned()).unwrap_or_default();
    view! {
        <div class="content">
            <p>"The receiver checks with this secret that a message of the webhook "<b>{made.webhook.terms.name}</b>" comes from here. Copy it now: it is not shown again."</p>
            <div class="secret"><code data-test="webhook-secret">{secret.clone()}</code><CopyButton text=secret describes="Copy the secret"/></div>
        </div>
        <footer><button type="button" class="button primary" data-test="webhook-done" on:click=move |_| close.run()>"Done"</button></footer>
    }
}
