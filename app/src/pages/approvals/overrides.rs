//! The uses of break-glass that nobody has acknowledged yet.

use std::sync::Arc;

use domain::wire::BreakGlassView;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::api::{self, Failure, href};
use crate::components::{Glyph, Icon};
use crate::pages::drawn::lost_connection;
use crate::pages::named::Named;
use crate::pages::query_answer::{QueryAnswer, Refused};
use crate::state::{Query, state};
use crate::words::own_zone;

/// The list. It is left out while it is empty, unless it is the only one that is shown.
#[component]
pub(super) fn Overrides(#[prop(into)] alone: Signal<bool>) -> impl IntoView {
    let state = state();
    let query = Query::whenever(move || state.requests_changed(), api::requests::open_overrides);
    let hidden = move || !alone.get() && query.value().is_some_and(|open| open.is_empty());
    let draw = move |open: Arc<Vec<BreakGlassView>>| {
        if open.is_empty() {
            return view! {
                <div class="panel nothing" data-test="empty">
                    <Glyph icon=Icon::Lock/>
                    <b>"Nothing to acknowledge"</b>
                    <p>"When an administrator starts something although a policy or a freeze forbids it, the override stays here until somebody else has looked at it."</p>
                </div>
            }
            .into_any();
        }
        let lines = open.iter().cloned().map(|one| view! { <Override one=one query=query/> }).collect_view();
        view! { <ul class="panel row-lines">{lines}</ul> }.into_any()
    };
    view! {
        <section class="part" hidden=hidden data-test="section-acknowledge">
            <div class="part-head"><h2>"To acknowledge"</h2><span class="count">{move || query.value().map(|open| open.len())}</span></div>
            <QueryAnswer query=query lines=2 draw=draw/>
        </section>
    }
}

#[component]
fn Override(one: BreakGlassView, query: Query<Vec<BreakGlassView>>) -> impl IntoView {
    let state = state();
    let pending = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let id = one.id.clone();
    let acknowledge = move |_| {
        let id = id.clone();
        pending.set(true);
        spawn_local(async move {
            match api::requests::acknowledge(&id).await {
                Ok(()) => {
                    query.ask();
                    state.reread_counts();
                }
                Err(refused) => drop(failure.try_set(Some(state.noting(refused)))),
            }
            pending.try_set(false);
        });
    };
    let what = match (one.policies.len(), one.freezes.len()) {
        (0, 1) => "overrode a freeze",
        (0, _) => "overrode freezes",
        (1, 0) => "overrode a policy",
        (_, 0) => "overrode policies",
        _ => "overrode policies and freezes",
    };
    let address = href(&format!("/deployments/{}?tab=rollouts", one.deployment_name));
    let why_not = one.may_acknowledge.why.clone().filter(|_| !one.may_acknowledge.allowed);
    let below = why_not.clone();
    let blocked = Memo::new(move |_| lost_connection().or_else(|| why_not.clone()));
    view! {
        <li class="row-line warning" data-test="override">
            <Glyph icon=Icon::Lock/>
            <span class="what">
                <a class="name" href=address.clone()>{one.deployment_name.to_string()}</a>": "
                <Named id=one.person.clone()/>" "{what}" at "{own_zone::moment(one.at)}": “"{one.reason.clone()}"”"
                {below.map(|why| view! { <span class="sub second-line">{why}</span> })}
                <Refused failure=failure/>
            </span>
            <span class="buttons">
                <a class="button small quiet" href=address>"Open rollout"</a>
                <button
                    type="button"
                    class="button small"
                    data-test="acknowledge"
                    disabled=move || pending.get() || blocked.with(Option::is_some)
                    title=move || blocked.get()
                    on:click=acknowledge
                >
                    "Acknowledge"
                </button>
            </span>
        </li>
    }
}
