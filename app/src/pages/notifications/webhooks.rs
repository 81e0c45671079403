//! Webhooks: where chats and pagers are told.

use std::sync::Arc;

use domain::wire::{TryAnswer, WebhookView};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::mail::Outcome;
use crate::api::{self, Failure};
use crate::components::{Glyph, Icon, Menu, MenuItem, StateLabel};
use crate::pages::drawn::lost_connection;
use crate::pages::query_answer::{QueryAnswer, Refused};
use crate::state::{Query, state};
use crate::words::notices::topic;
use crate::words::{self, Tone};

/// The tab.
#[component]
pub(super) fn WebhooksTab(query: Query<Vec<WebhookView>>, open: Callback<String>) -> impl IntoView {
    let failure = RwSignal::new(None::<Failure>);
    let tried = RwSignal::new(None::<TryAnswer>);
    let draw = move |webhooks: Arc<Vec<WebhookView>>| {
        if webhooks.is_empty() {
            return view! {
                <div class="panel nothing" data-test="empty">
                    <Glyph icon=Icon::Bell/>
                    <b>"No webhook yet"</b>
                    <p>"A webhook tells a chat, a pager or a program of yours what happens, as a signed request to its address."</p>
                </div>
            }
            .into_any();
        }
        let lines = webhooks
            .iter()
            .cloned()
            .map(|one| view! { <Line webhook=one query=query open=open failure=failure tried=tried/> })
            .collect_view();
        view! { <div class="panel"><ul class="row-lines" aria-label="Webhooks">{lines}</ul></div> }.into_any()
    };
    view! {
        <section class="part">
            <Refused failure=failure/>
            <div role="status">{move || tried.get().map(|tried| view! { <Outcome tried=tried/> })}</div>
            <QueryAnswer query=query lines=4 draw=draw/>
        </section>
    }
}

#[component]
fn Line(
    webhook: WebhookView,
    query: Query<Vec<WebhookView>>,
    open: Callback<String>,
    failure: RwSignal<Option<Failure>>,
    tried: RwSignal<Option<TryAnswer>>,
) -> impl IntoView {
    let state = state();
    let id = StoredValue::new(webhook.id.clone());
    let (word, tone) = match (webhook.terms.active, &webhook.last) {
        (false, _) => ("Off", Tone::Off),
        (true, Some(last)) if last.state == domain::notice::DeliveryState::Delivered => ("Delivers", Tone::Good),
        (true, Some(_)) if webhook.waiting > 0 => ("Waits", Tone::Waits),
        (true, Some(_)) => ("Last one failed", Tone::Bad),
        (true, None) => ("Active", Tone::Off),
    };
    let topics = match webhook.terms.topics.is_empty() {
        true => "everything".to_owned(),
        false => webhook.terms.topics.iter().map(|one| topic(*one)).collect::<Vec<_>>().join(", "),
    };
    let only = match webhook.terms.deployments.len() {
        0 => String::new(),
        more => format!(" · only of {}", words::count(more, "deployment", "deployments")),
    };
    let waiting = (webhook.waiting > 0)
        .then(|| format!(" · {} waiting", words::count(webhook.waiting as usize, "message", "messages")));
    let answer =
        webhook.last.as_ref().and_then(|last| last.answer.clone()).filter(|_| tone == Tone::Bad || webhook.waiting > 0);
    let test = move || {
        tried.set(None);
        failure.set(None);
        spawn_local(async move {
            match api::webhooks::test(&id.get_value()).await {
                Ok(answer) => drop(tried.try_set(Some(answer))),
                Err(refused) => drop(failure.try_set(Some(state.noting(refused)))),
            }
        });
    };
    let delete = move || {
        failure.set(None);
        spawn_local(async move {
            match api::webhooks::delete(&id.get_value()).await {
                Ok(()) => query.ask(),
                Err(refused) => drop(failure.try_set(Some(state.noting(refused)))),
            }
        });
    };
    let edit = move |_| open.run(format!("webhook {}", id.get_value()));
    view! {
        <li class="row-line" data-test="webhook">
            <Glyph icon=Icon::Bell/>
            <div class="what">
                <button type="button" class="slot-word" data-test="edit-webhook" on:click=edit>{webhook.terms.name.clone()}</button>
                <span class="sub second-line">{webhook.terms.url.clone()}</span>
                <span class="sub second-line">{topics}{only}{waiting}</span>
                {webhook.switched_off.clone().map(|why| view! { <span class="sub second-line">"Switched off by Changeover: "{why}</span> })}
                {answer.map(|answer| view! { <span class="sub second-line">"Last answer: "{answer}</span> })}
            </div>
            <StateLabel word=word.to_owned() tone=tone/>
            <Menu label=format!("Actions for {}", webhook.terms.name) id=format!("webhook-{}", webhook.id)>
                <MenuItem label="Send a message to try it" name="test-webhook" blocked=lost_connection() on_choose=test/>
                <MenuItem label="Change…" name="change-webhook" blocked=lost_connection() on_choose=move || open.run(format!("webhook {}", id.get_value()))/>
                <MenuItem label="Delete, with what waits for it" name="delete-webhook" danger=true blocked=lost_connection() on_choose=delete/>
            </Menu>
        </li>
    }
}
