//! Change requests: what waits for whom, and the uses of break-glass that somebody has to look at.

mod cancel;
mod overrides;
mod request;
mod row;

use std::sync::Arc;

use domain::id::RequestId;
use domain::wire::{ChangeRequestView, Page};
use leptos::html;
use leptos::prelude::*;

pub(crate) use self::cancel::CancelRequestDialog;
use self::overrides::Overrides;
pub(crate) use self::request::RequestPage;
use self::row::RequestRow;
use super::drawn::Drawn;
use super::in_address::{parameter, parameter_setter};
use super::page_title::entitle;
use super::query_answer::QueryAnswer;
use super::row_keys::step_row;
use super::slash::focus_on_slash;
use crate::api::requests::Wanted;
use crate::api::{self, href};
use crate::components::{Glyph, Icon, SearchBox};
use crate::state::{Query, state};

/// Requests that are read at first, and with each press on *Show more*.
const PAGE: u32 = 50;
/// Most requests that are read at a time.
const MOST: u32 = 200;

type Listed = Query<Page<ChangeRequestView>>;

/// The page at `/approvals`.
#[component]
pub(crate) fn ApprovalsPage() -> impl IntoView {
    let state = state();
    entitle(|| "Approvals".to_owned());
    let shown = parameter("for");
    let (words, set_words) = (parameter("q"), parameter_setter("q"));
    let typed = RwSignal::new(words.get_untracked());
    let search = NodeRef::<html::Input>::new();
    focus_on_slash(search);
    let arrows = window_event_listener(leptos::ev::keydown, |event| step_row(&event));
    on_cleanup(move || arrows.remove());
    let limit = RwSignal::new(PAGE);
    let read = move |wanted: Wanted| {
        Query::whenever(
            move || (state.requests_changed(), limit.get()),
            move || {
                let wanted = wanted.clone();
                let limit = limit.try_get_untracked().unwrap_or(PAGE);
                async move { api::requests::list(&wanted, limit, None).await }
            },
        )
    };
    let (for_me, mine, all) = (read(Wanted::ForMe), read(Wanted::Mine), read(Wanted::All));
    let counts = move || state.request_counts();
    let chip = move |key: &'static str, label: &'static str, count: Option<u32>, hot: bool| {
        let pressed = move || (shown.get() == key).then_some("true");
        let address = move || {
            let to = if shown.get() == key { "" } else { key };
            let query = words.with(|words| if words.is_empty() { String::new() } else { format!("&q={words}") });
            href(&format!("/approvals?for={to}{query}"))
        };
        view! {
            <a
                class="facet"
                class:warning={hot && count.is_some_and(|count| count > 0)}
                href=address
                aria-current=pressed
                data-test=format!("approvals-{key}")
                data-noscroll=""
            >
                {label}
                {count.map(|count| view! { <b>{count}</b> })}
            </a>
        }
    };
    let ids = |query: Listed| -> Vec<RequestId> {
        query.value().map(|page| page.items.iter().map(|one| one.id.clone()).collect()).unwrap_or_default()
    };
    let empty = |query: Listed| query.value().is_some_and(|page| page.items.is_empty());
    let is = move |key: &str| shown.with(|shown| shown.is_empty() || shown == key);
    view! {
        <Drawn>
            <header class="page-head">
                <h1>"Approvals"</h1>
                <SearchBox
                    label="Search requests"
                    placeholder="Search name, model, person"
                    typed=typed
                    input=search
                    key="/"
                    on:input=move |_| set_words.run(typed.get_untracked())
                />
                <div class="facets" role="group" aria-label="Filters">
                    {move || {
                        let counts = counts();
                        view! {
                            {chip("me", "Waits for me", Some(counts.waits_for_me), true)}
                            {chip("mine", "Mine", Some(counts.mine), false)}
                            {chip("all", "All", None, false)}
                            {chip("acknowledge", "To acknowledge", Some(counts.to_acknowledge), true)}
                        }
                    }}
                </div>
            </header>
            <Show when=move || is("me")>
                <Section title="Waits for me" name="waits-for-me" query=for_me words=typed alone=move || shown.get() == "me"
                    empty="Nothing waits for you" hint="Requests that you can review appear here as soon as somebody asks."/>
            </Show>
            <Show when=move || is("acknowledge")>
                <Overrides alone=move || shown.get() == "acknowledge"/>
            </Show>
            <Show when=move || is("mine")>
                <Section title="Mine" name="mine" query=mine words=typed alone=move || shown.get() == "mine"
                    empty="You have asked for nothing"
                    hint="Where a policy asks for approvals, the button Update sends a request instead of starting, and the request appears here."/>
            </Show>
            <Show when=move || is("all")>
                <Section
                    title=Signal::derive(move || if shown.get() == "all" { "All" } else { "Everything else" })
                    name="all"
                    query=all
                    words=typed
                    alone=Signal::derive(move || shown.get() == "all" || (empty(for_me) && empty(mine)))
                    told=Signal::derive(move || if shown.get() == "all" { Vec::new() } else { [ids(for_me), ids(mine)].concat() })
                    empty="There are no requests yet"
                    hint="A change to a deployment waits here where a policy asks for approvals, or until its time has come."
                />
                {move || {
                    let more = all.value().is_some_and(|page| page.next_cursor.is_some()) && limit.get() < MOST;
                    more.then(|| view! {
                        <button type="button" class="button more" on:click=move |_| limit.update(|limit| *limit = (*limit + PAGE).min(MOST))>
                            "Show more"
                        </button>
                    })
                }}
            </Show>
        </Drawn>
    }
}

/// One of the lists. One that is empty is left out unless it is the only one that is `alone` shown.
#[component]
fn Section(
    #[prop(into)] title: Signal<&'static str>,
    name: &'static str,
    query: Listed,
    words: RwSignal<String>,
    #[prop(into)] alone: Signal<bool>,
    /// Those that another list tells of already.
    #[prop(optional, into)]
    told: Signal<Vec<RequestId>>,
    empty: &'static str,
    hint: &'static str,
) -> impl IntoView {
    let untold = Memo::new(move |_| {
        let told = told.get();
        let page = query.value();
        page.map(|page| page.items.iter().filter(|one| !told.contains(&one.id)).count())
    });
    let hidden = move || !alone.get() && untold.get() == Some(0);
    let count = move || {
        let page = query.value()?;
        let more = if page.next_cursor.is_some() { "+" } else { "" };
        Some(format!("{}{more}", untold.get()?))
    };
    let draw = move |page: Arc<Page<ChangeRequestView>>| {
        if page.items.is_empty() {
            return view! { <Nothing title=empty hint=hint/> }.into_any();
        }
        let items = StoredValue::new(page.items.clone());
        let state = state();
        let found = Memo::new(move |_| {
            let words = words.with(|words| words.trim().to_lowercase());
            let told = told.get();
            items.with_value(|items| {
                let fits = |request: &ChangeRequestView| {
                    let models = crate::words::models(&request.models);
                    let about = [
                        request.title.clone(),
                        request.deployment_name.to_string(),
                        models,
                        state.name_of(&request.author),
                    ];
                    about.iter().any(|text| text.to_lowercase().contains(&words))
                };
                items.iter().filter(|one| !told.contains(&one.id) && fits(one)).cloned().collect::<Vec<_>>()
            })
        });
        let searched = page.items.len();
        view! {
            {move || (found.with(Vec::is_empty) && !words.with(|words| words.trim().is_empty())).then(|| view! {
                <p class="quiet-box" role="status">
                    {format!("No matches for “{}”. Searched {searched} by deployment, model and person.", words.get().trim())}
                </p>
            })}
            <div class="grid-table requests" role="list" aria-label=move || title.get() hidden=move || found.with(Vec::is_empty)>
                <div class="grid-row grid-head request-row" aria-hidden="true">
                    <span>"Request"</span><span>"State"</span><span>"Approvals"</span><span>"Ends"</span><span></span>
                </div>
                {move || found.get().into_iter().map(|request| view! { <RequestRow request=request/> }).collect_view()}
            </div>
        }
        .into_any()
    };
    view! {
        <section class="part" hidden=hidden data-test=format!("section-{name}")>
            <div class="part-head"><h2>{title}</h2><span class="count">{count}</span></div>
            <QueryAnswer query=query lines=4 draw=draw/>
        </section>
    }
}

/// An empty list: what it is for, and what comes into it.
#[component]
fn Nothing(title: &'static str, hint: &'static str) -> impl IntoView {
    view! {
        <div class="panel nothing" data-test="empty">
            <Glyph icon=Icon::Approvals/>
            <b>{title}</b>
            <p>{hint}</p>
        </div>
    }
}
