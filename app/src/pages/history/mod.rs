//! The history: what people did and what came of it, rollout by rollout, or everything; searched by the server.

mod export;
mod filter;
mod filters;
mod line;
mod read;
mod rollout;
mod sections;
mod steps;
mod verify;

use std::collections::HashSet;

use jiff::Timestamp;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use self::export::Export;
use self::filter::{HistoryAddress, HistoryFilter};
use self::filters::{Filters, HowMuch, Search};
use self::line::LineNeeds;
use self::read::Read;
use self::sections::{Sections, sections};
use self::verify::Verify;
use super::drawn::Drawn;
use super::page_title::entitle;
use super::query_answer::{Awaited, Refused};
use crate::components::Empty;
use crate::state::state;
use crate::words::{self, days};

/// The page at `/history`.
#[component]
pub(crate) fn HistoryPage() -> impl IntoView {
    let state = state();
    entitle(|| "History".to_owned());
    let params = use_query_map();
    let filter = Memo::new(move |_| params.with(|params| HistoryFilter::read(|key| params.get(key))));
    let address = HistoryAddress::of_page();
    let read = Read::new(filter);
    let now = state.now();
    let today = Memo::new(move |_| days::day_of(now.get()));
    let shown = LineNeeds {
        names: Memo::new(move |_| read.told.with(|told| told.deployments.clone())),
        there: Memo::new(move |_| {
            state.deployments().iter().map(|view| (view.id.clone(), view.name.clone())).collect()
        }),
        rollouts: Memo::new(move |_| read.told.with(|told| told.items.iter().filter_map(rollout::named).collect())),
        open: RwSignal::new(HashSet::new()),
    };
    let drawn = Memo::new(move |_| read.told.with(|told| sections(&told.items, |group| days::day_of(group.at))));
    // Only who may see all of it may verify or export it.
    let keeps = move || state.is_admin();
    view! {
        <Drawn>
            <header class="page-head">
                <h1>"History"</h1>
                <Search filter=filter address=address/>
                <HowMuch filter=filter address=address/>
                <span class="grow"></span>
                <Show when=keeps><Export filter=filter/></Show>
            </header>
            <div class="history-filters">
                <Filters filter=filter address=address/>
                <span class="grow"></span>
                <Show when=keeps><Verify/></Show>
            </div>
            {move || read.waiting.with(|waiting| waiting.as_ref().map(|(new, _)| *new)).map(|new| view! {
                <button type="button" class="button primary history-new" data-test="history-new" on:click=move |_| {
                    window().scroll_to_with_x_and_y(0.0, 0.0);
                    read.show_waiting();
                }>{words::count(new, "new", "new")}</button>
            })}
            <Awaited query=read.newest lines=8/>
            <div class="history-told" hidden=move || !read.is_read() && read.newest.failure().is_some() aria-busy=move || (!read.is_read()).to_string()>
                <Sections sections=drawn shown=shown today=today/>
                {move || (read.is_read() && drawn.with(Vec::is_empty)).then(|| view! { <Nothing read=read filter=filter address=address/> })}
            </div>
            <Refused failure=read.failure/>
            <End read=read/>
        </Drawn>
    }
}

/// Why nothing is listed, and what to do.
#[component]
fn Nothing(read: Read, filter: Memo<HistoryFilter>, address: HistoryAddress) -> impl IntoView {
    let (q, count) = filter.with_untracked(|filter| (filter.q.clone(), filter.count()));
    if q.is_empty() && count == 0 {
        return view! {
            <Empty title="No entries"><p>"Everything that people do appears here, newest first, with what came of it."</p></Empty>
        }
        .into_any();
    }
    let filters = match (count, q.is_empty()) {
        (0, _) => String::new(),
        (count, true) => format!(" with {}", words::count(count, "filter", "filters")),
        (count, false) => format!(", with {}", words::count(count, "filter", "filters")),
    };
    let searched = if q.is_empty() { String::new() } else { format!(" for “{q}”") };
    let yet = if read.told.with_untracked(|told| told.next_cursor.is_some()) { " yet" } else { "" };
    view! {
        <Empty title=format!("No entry was found{searched}{filters}{yet}")>
            <p>"Every word has to be found: in the sentence of an entry, its kind or its reason, in the name of the deployment or of who did it."</p>
            <button type="button" class="button" data-test="history-clear" on:click=move |_| address.clear()>"Clear all filters"</button>
        </Empty>
    }
    .into_any()
}

/// Where the list ends: with earlier entries, with what was not looked at yet, or for good.
#[component]
fn End(read: Read) -> impl IntoView {
    let next = move || read.told.with(|told| told.next_cursor.is_some());
    let searched = move || {
        let to = read.told.with(|told| told.searched_to)?;
        let (day, today) = (days::day_of(to), days::day_of(Timestamp::now()));
        Some(format!("Searched back to {}, {}.", days::title(day, today), words::times::minute(to)))
    };
    let label = move || match (read.loading.get(), read.told.with(|told| told.items.len())) {
        (true, _) => "Loading…",
        (false, 0) => "Search further",
        (false, _) => "Show earlier",
    };
    view! {
        {move || next().then(|| view! {
            <div class="history-end">
                <span class="sub" role="status" data-test="searched-to">{searched}</span>
                <button type="button" class="button" data-test="history-more" disabled=move || read.loading.get() on:click=move |_| read.more()>{label}</button>
            </div>
        })}
    }
}
