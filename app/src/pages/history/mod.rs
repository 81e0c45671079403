//! The history: everything that happened, filterable and verifiable.

mod entries;
mod filters;
mod read;
mod verify;

use std::collections::HashMap;
use std::sync::Arc;

use domain::id::{DeploymentId, DeploymentName};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use self::entries::Entries;
use self::filters::{Filters, HistoryFilter};
use self::read::Read;
use self::verify::Verify;
use super::page_title::entitle;
use super::query_answer::{QueryAnswer, Refused};
use crate::state::{Connection, state};
use crate::words;

/// The page at `/history`.
#[component]
pub(crate) fn HistoryPage() -> impl IntoView {
    let state = state();
    entitle(|| "History".to_owned());
    let params = use_query_map();
    let filter = Memo::new(move |_| params.with(|params| HistoryFilter::read(|key| params.get(key))));
    let read = Read::new(filter);
    let search = RwSignal::new(String::new());
    let names: Memo<HashMap<DeploymentId, DeploymentName>> =
        Memo::new(move |_| state.deployments().iter().map(|view| (view.id.clone(), view.name.clone())).collect());
    let shown = Memo::new(move |_| {
        let words = search.get().to_lowercase();
        let mut entries = read.entries.get();
        entries.retain(|entry| {
            let text = format!("{} {} {}", entry.kind, entry.summary, state.actor_name(&entry.actor)).to_lowercase();
            words.split_whitespace().all(|word| text.contains(word))
        });
        entries
    });
    let draw = move |_: Arc<_>| view! { <Entries shown=shown names=names/> }.into_any();
    view! {
        <div class="page" class:old=move || state.connection() == Connection::Lost>
            <header class="page-head"><h1>"History"</h1><span class="grow"></span></header>
            <Verify/>
            <Filters
                filter=filter
                search=search
                count=Signal::derive(move || words::count(shown.with(Vec::len), "entry", "entries"))
            />
            <section class="card entries"><QueryAnswer query=read.newest lines=8 draw=draw/></section>
            <Refused failure=read.failure/>
            {move || read.next.with(Option::is_some).then(|| view! {
                <button type="button" class="button more" disabled=move || read.loading.get() on:click=move |_| read.more()>
                    {move || if read.loading.get() { "Loading…" } else { "Show earlier entries" }}
                </button>
            })}
        </div>
    }
}
