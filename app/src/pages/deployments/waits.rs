//! *Waits for you*: change requests that the person can review, and overrides that they can acknowledge.

use std::sync::Arc;

use domain::wire::{BreakGlassView, Page};
use leptos::prelude::*;

use crate::api::requests::{RequestInBrief, Wanted};
use crate::api::{self, href};
use crate::components::{Ago, Glyph, Icon};
use crate::pages::named::Named;
use crate::state::{Query, state};
use crate::words::requests as words;

/// As many requests are shown; the page of approvals has the others.
const FEW: u32 = 5;

/// The section; it is there only when something waits.
#[component]
pub(super) fn Waits() -> impl IntoView {
    let state = state();
    let counts = Memo::new(move |_| {
        let counts = state.request_counts();
        (counts.waits_for_me, counts.to_acknowledge)
    });
    let requests = Query::when(
        move || {
            state.requests_changed();
            counts.get().0 > 0
        },
        || api::requests::in_brief(&Wanted::ForMe, FEW),
    );
    let overrides = Query::when(
        move || {
            state.requests_changed();
            counts.get().1 > 0
        },
        api::requests::open_overrides,
    );
    let total = Memo::new(move |_| counts.get().0 + counts.get().1);
    let asked = move || {
        let page: Option<Arc<Page<RequestInBrief>>> = requests.value().filter(|_| counts.get().0 > 0);
        page.map(|page| page.items.iter().cloned().map(|request| view! { <Asked request=request/> }).collect_view())
    };
    let overridden = move || {
        let open: Option<Arc<Vec<BreakGlassView>>> = overrides.value().filter(|_| counts.get().1 > 0);
        open.map(|open| {
            open.iter().take(FEW as usize).cloned().map(|one| view! { <Overridden one=one/> }).collect_view()
        })
    };
    view! {
        <Show when=move || { total.get() > 0 }>
            <section class="part" data-test="waits-for-you">
                <div class="part-head"><h2>"Waits for you"</h2><span class="count">{total}</span></div>
                <div class="panel row-lines">
                    {asked}
                    {overridden}
                    {move || (counts.get().0 > FEW || counts.get().1 > FEW).then(|| view! {
                        <div class="row-line"><a class="button small quiet" href=href("/approvals?for=me")>"Show all"</a></div>
                    })}
                </div>
            </section>
        </Show>
    }
}

#[component]
fn Asked(request: RequestInBrief) -> impl IntoView {
    let now = state().now();
    let address = href(&format!("/approvals/{}", request.id));
    let (given, needed) = words::approvals(&request.policies);
    view! {
        <div class="row-line" data-test="waits">
            <Glyph icon=Icon::Approvals/>
            <span class="what">
                <a class="name" href=address.clone()>{request.title}</a>
                " · "{request.importance.to_string()}", asked by "<Named id=request.author/>" "<Ago at=request.asked_at now=now/>
            </span>
            {(needed > 0).then(|| view! { <span class="sub">{format!("{given} of {needed} approvals")}</span> })}
            <span class="buttons"><a class="button small" href=address>"Review"</a></span>
        </div>
    }
}

#[component]
fn Overridden(one: BreakGlassView) -> impl IntoView {
    let now = state().now();
    let what = match (one.policies.is_empty(), one.freezes.is_empty()) {
        (true, _) => "overrode a freeze",
        (_, true) => "overrode a policy",
        _ => "overrode a policy and a freeze",
    };
    view! {
        <div class="row-line warning" data-test="waits">
            <Glyph icon=Icon::Lock/>
            <span class="what">
                <a class="name" href=href(&format!("/deployments/{}", one.deployment_name))>{one.deployment_name.to_string()}</a>
                ": "<Named id=one.person/>" "{what}" "<Ago at=one.at now=now/>
            </span>
            <span class="buttons"><a class="button small" href=href("/approvals?for=acknowledge")>"Look at it"</a></span>
        </div>
    }
}
