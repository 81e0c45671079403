//! Messages on their way to the mail server and to webhooks, and those that have come to an end.

use std::sync::Arc;

use domain::notice::{Channel, DeliveryState};
use domain::wire::{DeliveryView, Page};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::api::{self, Failure};
use crate::components::{Ago, Glyph, Icon, StateLabel};
use crate::pages::drawn::lost_connection;
use crate::pages::in_address::{parameter, parameter_setter};
use crate::pages::query_answer::{QueryAnswer, Refused};
use crate::state::{Query, state};
use crate::words::notices::delivery;
use crate::words::{self, zones};

/// Milliseconds until they are read again.
const AGAIN_MS: u32 = 5_000;

/// The tab.
#[component]
pub(super) fn DeliveriesTab() -> impl IntoView {
    let state = state();
    let (only, set_only) = (parameter("only"), parameter_setter("only"));
    let chosen = Memo::new(move |_| only.with(|only| only.parse::<DeliveryState>().ok()));
    let query = Query::whenever(
        move || (state.notices_changed(), chosen.get()),
        move || async move { api::webhooks::deliveries(chosen.get_untracked(), None).await },
    );
    query.ask_every(AGAIN_MS, || true);
    let failure = RwSignal::new(None::<Failure>);
    let segment = move |label: &'static str, value: &'static str| {
        let pressed = move || only.with(|only| only == value).to_string();
        view! {
            <button type="button" aria-pressed=pressed data-test=format!("only-{value}") on:click=move |_| set_only.run(value.to_owned())>{label}</button>
        }
    };
    let draw = move |page: Arc<Page<DeliveryView>>| {
        if page.items.is_empty() {
            return view! {
                <div class="panel nothing" data-test="empty">
                    <Glyph icon=Icon::Bell/>
                    <b>"No messages"</b>
                    <p>"What was sent by mail and to webhooks in the last 30 days is listed here, with the answer of the other end."</p>
                </div>
            }
            .into_any();
        }
        let lines = page
            .items
            .iter()
            .cloned()
            .map(|one| view! { <Line delivery=one query=query failure=failure/> })
            .collect_view();
        let more = page.next_cursor.is_some();
        view! {
            <div class="panel"><ul class="row-lines" aria-label="Messages">{lines}</ul></div>
            {more.then(|| view! { <p class="sub">"These are the newest 50. Choose a state to see others, or list them with "<code>"changeover webhooks deliveries"</code>"."</p> })}
        }
        .into_any()
    };
    view! {
        <section class="part">
            <div class="filters">
                <span class="segments" role="group" aria-label="State">
                    {segment("All", "")}
                    {segment("Waiting", "waiting")}
                    {segment("Delivered", "delivered")}
                    {segment("Refused", "refused")}
                    {segment("Given up", "given_up")}
                </span>
            </div>
            <Refused failure=failure/>
            <QueryAnswer query=query lines=6 draw=draw/>
        </section>
    }
}

#[component]
fn Line(delivery: DeliveryView, query: Query<Page<DeliveryView>>, failure: RwSignal<Option<Failure>>) -> impl IntoView {
    let state = state();
    let now = state.now();
    let (word, tone) = self::delivery(delivery.state);
    let id = delivery.id.clone();
    let again = move |_| {
        let id = id.clone();
        failure.set(None);
        spawn_local(async move {
            match api::webhooks::again(&id).await {
                Ok(()) => query.ask(),
                Err(refused) => drop(failure.try_set(Some(state.noting(refused)))),
            }
        });
    };
    let way = if delivery.channel == Channel::Email { "by e-mail" } else { "by webhook" };
    let attempts = match delivery.attempts {
        0 => "not tried yet".to_owned(),
        more => words::count(more as usize, "attempt", "attempts"),
    };
    let next = delivery.next_at;
    view! {
        <li class="row-line" data-test="delivery">
            <Glyph icon=Icon::Bell/>
            <div class="what">
                <b>{delivery.subject}</b>
                <span class="sub second-line">
                    {format!("to {} {way} · ", delivery.to)}<Ago at=delivery.made_at now=now/>{format!(" · {attempts}")}
                    {move || next.map(|at| format!(" · next {}", zones::within(at, now.get())))}
                </span>
                {delivery.answer.map(|answer| view! { <span class="sub second-line">{answer}</span> })}
            </div>
            <StateLabel word=word.to_owned() tone=tone/>
            <button type="button" class="button small" data-test="send-again" disabled=move || lost_connection().is_some() on:click=again>"Send again"</button>
        </li>
    }
}
