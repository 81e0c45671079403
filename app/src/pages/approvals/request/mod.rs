//! One change request on one page: the sentence, what changes, who has said what of it, and the buttons.

mod about;
mod between;
mod buttons;
mod change;
mod discussion;
mod news;
mod subject;
mod value_changes;

use domain::id::RequestId;
use domain::wire::ErrorCode;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use self::about::About;
use self::between::Between;
use self::buttons::Buttons;
use self::change::{Rehearsed, Reported, WhatChanges};
use self::discussion::Discussion;
use self::news::News;
use self::subject::RequestSubject;
use crate::api::{self, href};
use crate::components::{Ago, Empty, ImportanceMark, Skeleton, StateLabel};
use crate::pages::drawn::Drawn;
use crate::pages::named::Named;
use crate::pages::page_title::entitle;
use crate::pages::query_answer::Trouble;
use crate::state::{Query, state};
use crate::words::requests as words;

/// The page at `/approvals/{id}`.
#[component]
pub(crate) fn RequestPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()).parse::<RequestId>().ok());
    view! {
        <Drawn>
            {move || match id.get() {
                Some(id) => view! { <Request id=id/> }.into_any(),
                None => view! { <Missing/> }.into_any(),
            }}
        </Drawn>
    }
}

#[component]
fn Missing() -> impl IntoView {
    view! {
        <Empty title="This request does not exist">
            <p>"The request may be about a deployment that you do not see. "<a href=href("/approvals")>"All requests"</a></p>
        </Empty>
    }
}

#[component]
fn Request(id: RequestId) -> impl IntoView {
    let state = state();
    let asked = id.clone();
    // Whatever happens to the deployment may move the base.
    let deployment = RwSignal::new(None);
    let changes = move || {
        let touched = deployment.with(|id: &Option<_>| id.as_ref().map(|id| state.touches(id)));
        (state.requests_changed(), state.people_changed(), touched)
    };
    let query = Query::whenever(changes, move || {
        let id = asked.clone();
        async move { api::requests::read(&id).await }
    });
    let view = Memo::new(move |_| query.value());
    Effect::new(move |_| {
        let of_it = view.with(|view| view.as_ref().and_then(|view| view.deployment.clone()));
        if deployment.get_untracked() != of_it {
            deployment.set(of_it);
        }
    });
    entitle(move || view.with(|view| view.as_ref().map_or_else(|| "Request".to_owned(), |view| view.title.clone())));
    let there = Memo::new(move |_| view.with(Option::is_some));
    provide_context(RequestSubject::new(id, query, view));
    move || match (there.get(), query.failure()) {
        (true, _) => view! { <Body/> }.into_any(),
        (false, Some(failure)) if failure.is(ErrorCode::NotFound) => view! { <Missing/> }.into_any(),
        (false, Some(failure)) => {
            view! { <Trouble failure=failure retry=Callback::new(move |()| query.ask())/> }.into_any()
        }
        (false, None) => view! { <div class="panel"><Skeleton lines=8/></div> }.into_any(),
    }
}

#[component]
fn Body() -> impl IntoView {
    let state = state();
    let now = state.now();
    let subject: RequestSubject = expect_context();
    let view = subject.view;
    view! {
        <div class="request-head">
            <a class="crumb" href=href("/approvals")>"Approvals"</a>
            <header class="page-head">
                <h1><bdi>{move || view.with(|view| view.as_ref().map(|view| view.title.clone()))}</bdi></h1>
                {move || view.with(|view| view.as_ref().map(|view| {
                    let (word, tone) = words::state(view);
                    view! {
                        <ImportanceMark importance=view.importance/>
                        <span class="large-state" data-test="request-state">
                            <StateLabel word=word.to_owned() tone=tone/>
                        </span>
                    }
                }))}
                <span class="grow"></span>
                <Buttons class="only-wide"/>
            </header>
            <p class="sub">
                {move || view.with(|view| view.as_ref().map(|view| view! {
                    "Asked by "<Named id=view.author.clone()/>" "<Ago at=view.asked_at now=now/>
                    {format!(" · version {}", view.version)}
                    {(view.ended.is_none()).then(|| format!(" · {}", words::starts(&view.apply, view.state)))}
                }))}
            </p>
        </div>
        <News/>
        <div class="beneath">
            <div class="stack">
                <WhatChanges/>
                <Between/>
                <Rehearsed/>
                <Reported/>
                <Discussion/>
            </div>
            <About/>
        </div>
        <div class="pinned only-narrow"><Buttons class="pinned-buttons"/></div>
    }
}
