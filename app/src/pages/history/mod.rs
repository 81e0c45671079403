//! Everything that happened, filterable, and whether anybody has changed it since.

use std::collections::HashMap;
use std::sync::Arc;

use domain::id::{DeploymentId, DeploymentName};
use domain::wire::{HistoryEntry, Verification};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use wasm_bindgen_futures::spawn_local;

use super::shared::{Answer, Trouble, entitle};
use crate::api::{self, Failure};
use crate::components::{Ago, Banner, Choice, CopyButton, Empty, Glyph, Icon};
use crate::state::{Connection, Query, state};
use crate::words::{self, Tone, times};

/// Entries that one question brings.
const PAGE: u32 = 100;

/// The page at `/history`.
#[component]
pub(crate) fn HistoryPage() -> impl IntoView {
    let state = state();
    entitle(|| "History".to_owned());
    let params = use_query_map();
    let deployment = Memo::new(move |_| params.with(|params| params.get("deployment").unwrap_or_default()));
    let search = RwSignal::new(String::new());
    let earlier = RwSignal::new(Vec::<HistoryEntry>::new());
    let cursor = RwSignal::new(None::<Option<String>>);
    let query = Query::new(move || {
        let name = deployment.get_untracked().parse::<DeploymentName>().ok();
        async move { api::history::page(name.as_ref(), None, PAGE).await }
    });
    Effect::new(move |_| {
        deployment.track();
        earlier.set(Vec::new());
        cursor.set(None);
    });
    Effect::new(move |_| {
        deployment.track();
        state.history_changed();
        query.ask();
    });
    let names: Memo<HashMap<DeploymentId, DeploymentName>> =
        Memo::new(move |_| state.deployments().iter().map(|view| (view.id.clone(), view.name.clone())).collect());
    let entries = Memo::new(move |_| {
        let newest = query.value().map(|page| page.items.clone()).unwrap_or_default();
        let last = newest.last().map(|entry| entry.seq);
        let older = earlier.get().into_iter().filter(move |entry| last.is_none_or(|last| entry.seq < last));
        newest.into_iter().chain(older).collect::<Vec<_>>()
    });
    let shown = Memo::new(move |_| {
        let words = search.get().to_lowercase();
        let mut entries = entries.get();
        entries.retain(|entry| {
            let text = format!("{} {} {}", entry.kind, entry.summary, entry.actor).to_lowercase();
            words.split_whitespace().all(|word| text.contains(word))
        });
        entries
    });
    let next = move || cursor.get().unwrap_or_else(|| query.value().and_then(|page| page.next_cursor.clone()));
    let loading = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let more = move |_| {
        let Some(at) = untrack(next) else { return };
        let name = deployment.get_untracked().parse::<DeploymentName>().ok();
        loading.set(true);
        failure.set(None);
        spawn_local(async move {
            match api::history::page(name.as_ref(), Some(&at), PAGE).await {
                Ok(page) => {
                    earlier.try_update(|earlier| earlier.extend(page.items));
                    cursor.try_set(Some(page.next_cursor));
                }
                Err(refused) => {
                    failure.try_set(Some(state.noting(refused)));
                }
            }
            loading.try_set(false);
        });
    };
    let draw = move |_: Arc<_>| view! { <Entries shown=shown names=names/> }.into_any();
    view! {
        <div class="page" class:old=move || state.connection() == Connection::Lost>
            <header class="page-head"><h1>"History"</h1><span class="grow"></span></header>
            <Verify/>
            <div class="filters">
                <div class="search">
                    <Glyph icon=Icon::Search/>
                    <input
                        type="search"
                        aria-label="Search the history"
                        placeholder="Search what, who…"
                        prop:value=move || search.get()
                        on:input:target=move |event| search.set(event.target().value())
                    />
                </div>
                <DeploymentChoice deployment=deployment/>
                <span class="grow"></span>
                <span class="sub" role="status">{move || words::count(shown.with(Vec::len), "entry", "entries")}</span>
            </div>
            <section class="card entries"><Answer query=query lines=8 draw=draw/></section>
            {move || failure.get().map(|failure| view! { <Trouble failure=failure/> })}
            {move || next().is_some().then(|| view! {
                <button type="button" class="button more" disabled=move || loading.get() on:click=more>
                    {move || if loading.get() { "Reading…" } else { "Show earlier entries" }}
                </button>
            })}
        </div>
    }
}

#[component]
fn DeploymentChoice(deployment: Memo<String>) -> impl IntoView {
    let state = state();
    let navigate = use_navigate();
    let options = Signal::derive(move || {
        let mut names: Vec<_> =
            state.deployments().iter().map(|view| (view.name.to_string(), view.name.to_string())).collect();
        names.sort();
        let chosen = deployment.get();
        if !chosen.is_empty() && !names.iter().any(|(name, _)| *name == chosen) {
            names.insert(0, (chosen.clone(), chosen));
        }
        names.insert(0, (String::new(), "Every deployment".to_owned()));
        names
    });
    let choose = move |name: String| {
        let options = NavigateOptions { replace: true, scroll: false, ..Default::default() };
        let path = if name.is_empty() { "/history".to_owned() } else { format!("/history?deployment={name}") };
        navigate(&path, options);
    };
    view! { <Choice label="Deployment" name="history-deployment" bare=true options=options value=deployment on_choose=choose/> }
}

#[component]
fn Entries(shown: Memo<Vec<HistoryEntry>>, names: Memo<HashMap<DeploymentId, DeploymentName>>) -> impl IntoView {
    let nothing = Memo::new(move |_| shown.with(Vec::is_empty));
    view! {
        {move || nothing.get().then(|| view! { <Empty title="Nothing here"><p>"What people and the engine do appears here, newest first."</p></Empty> })}
        <ol class="history">
            <For each=move || shown.get() key=|entry| entry.seq let:entry>
                <Entry entry=entry names=names/>
            </For>
        </ol>
    }
}

#[component]
fn Entry(entry: HistoryEntry, names: Memo<HashMap<DeploymentId, DeploymentName>>) -> impl IntoView {
    let state = state();
    let open = RwSignal::new(false);
    let id = entry.deployment.clone();
    let about = move || {
        let id = id.as_ref()?;
        Some(match names.with(|names| names.get(id).cloned()) {
            Some(name) => view! { <a href=format!("/deployments/{name}")>{name.to_string()}</a> }.into_any(),
            None => view! { <span class="sub">"deleted deployment"</span> }.into_any(),
        })
    };
    let seq = entry.seq;
    let recorded = serde_json::to_string_pretty(&entry.event).unwrap_or_default();
    let hash = entry.hash.clone();
    let at = entry.at;
    let (kind, kept) = (entry.kind.clone(), entry.kind.clone());
    view! {
        <li data-test="entry" data-kind=kind>
            <button type="button" class="entry" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|open| *open = !*open)>
                <Glyph icon=Icon::Chevron/>
                <span class="entry-when"><span>{times::clock(at)}</span><span class="sub"><Ago at=at now=state.now()/></span></span>
                <span class="entry-what">{entry.summary.clone()}</span>
            </button>
            <span class="entry-about">{about}</span>
            <span class="sub entry-who">{entry.actor.to_string()}</span>
            {move || open.get().then(|| view! {
                <div class="entry-body">
                    <p class="sub">"Entry "{seq.to_string()}" · "<code>{kept.clone()}</code>" · "{times::exact(at)}</p>
                    <pre tabindex="0"><code>{recorded.clone()}</code></pre>
                    <p class="sub hash"><code>{hash.clone()}</code><CopyButton text=hash.clone() describes="Copy the entry's hash"/></p>
                </div>
            })}
        </li>
    }
}

/// Checks the chain on demand (CO-8).
#[component]
fn Verify() -> impl IntoView {
    let state = state();
    let outcome = RwSignal::new(None::<Result<Verification, Failure>>);
    let pending = RwSignal::new(false);
    let verify = move |_| {
        pending.set(true);
        spawn_local(async move {
            let answer = api::history::verify().await.map_err(|failure| state.noting(failure));
            outcome.try_set(Some(answer));
            pending.try_set(false);
        });
    };
    view! {
        <div class="verify">
            <p class="sub">"Every entry carries the hash of the one before, so that a change anywhere shows."</p>
            <button type="button" class="button" data-test="verify" disabled=move || pending.get() on:click=verify>
                {move || if pending.get() { "Verifying…" } else { "Verify" }}
            </button>
        </div>
        {move || outcome.get().map(|outcome| match outcome {
            Ok(found) => view! { <Verified found=found/> }.into_any(),
            Err(failure) => view! { <Trouble failure=failure/> }.into_any(),
        })}
    }
}

#[component]
fn Verified(found: Verification) -> impl IntoView {
    let count = words::count(usize::try_from(found.entries).unwrap_or(usize::MAX), "entry", "entries");
    let head = found.head.clone();
    let (tone, title, text) = match found.intact {
        true => (Tone::Good, "The history is as it was written", format!("{count} checked, one by one.")),
        false => {
            let at =
                found.first_broken.map(|seq| format!("Entry {seq} is the first that is not. ")).unwrap_or_default();
            (Tone::Bad, "The history was changed", format!("{at}{}", found.problem.clone().unwrap_or_default()))
        }
    };
    view! {
        <Banner tone=tone title=title name="verification">
            <p>{text}</p>
            {head.map(|head| view! {
                <p class="hash">"Head "<code>{head.clone()}</code><CopyButton text=head describes="Copy the hash of the last entry"/></p>
            })}
        </Banner>
    }
}
