//! The requests that the gateway has kept: listed, filtered, opened one by one, downloaded.

use std::sync::Arc;

use domain::id::RecordId;
use domain::wire::{ConfigurationView, RequestLine};
use jiff::{SignedDuration, Timestamp};
use leptos::prelude::*;

use super::in_use::configuration_in_use;
use super::record_filters::{PERIODS, RecordFilters};
use super::record_opened::RecordOpened;
use super::record_row::{RecordHead, RecordRow};
use super::recording::Recording;
use super::subject::Subject;
use crate::api::{self, records::RecordFilter};
use crate::components::WindowList;
use crate::pages::in_address::parameter;
use crate::pages::query_answer::{Awaited, QueryAnswer};
use crate::state::Query;

/// Milliseconds between two looks for new ones.
const AGAIN_MS: u32 = 2_000;
/// The first ones that are listed, and the most that the server lists.
const FEW: u32 = 200;
const MOST: u32 = 1_000;

/// The tab.
#[component]
pub(super) fn RequestsTab() -> impl IntoView {
    let subject: Subject = expect_context();
    let query = configuration_in_use(subject);
    let draw = move |found: Arc<Option<ConfigurationView>>| {
        let configuration = found.as_ref().as_ref().map(|found| &found.configuration);
        let (log, bodies) = configuration.map_or((false, false), |found| (found.request_log, found.data_collection));
        view! { <Recorded log=log bodies=bodies/> }.into_any()
    };
    view! { <div class="drawn stack"><QueryAnswer query=query lines=6 draw=draw/></div> }
}

/// The records, of a deployment that keeps a `log` of requests, and `bodies` of predictions.
#[component]
fn Recorded(log: bool, bodies: bool) -> impl IntoView {
    let subject: Subject = expect_context();
    let (revision, errors) = (parameter("revision"), parameter("errors"));
    let (since, kept) = (parameter("since"), parameter("kept"));
    let limit = RwSignal::new(FEW);
    let follows = RwSignal::new(true);
    let opened = RwSignal::new(None::<RequestLine>);
    // Where no line is kept of each request, those with input and output are all there are.
    let only_kept = Memo::new(move |_| (bodies && !log) || kept.with(|word| word == "true"));
    let filter = Memo::new(move |_| RecordFilter {
        revision: revision.with(|word| word.parse().ok()),
        errors: errors.with(|word| word == "true"),
        from: None,
        kept: only_kept.get(),
    });
    let now = move || {
        let seconds =
            since.with_untracked(|word| PERIODS.iter().find(|(key, ..)| *key == word.as_str()).map(|(_, s, _)| *s));
        let from = seconds.and_then(|seconds| Timestamp::now().checked_sub(SignedDuration::from_secs(seconds)).ok());
        RecordFilter { from, ..filter.get_untracked() }
    };
    let query = Query::whenever(
        move || (filter.get(), since.get(), limit.get()),
        move || {
            let (filter, limit) = (untrack(now), limit.get_untracked());
            async move { api::records::list(&subject.name(), &filter, limit).await }
        },
    );
    query.ask_every(AGAIN_MS, move || {
        let comes = (log || bodies) && follows.try_get_untracked() == Some(true);
        comes && opened.try_with_untracked(Option::is_none) == Some(true)
    });
    let lines = Memo::new(move |_| query.value().map(|lines| lines.to_vec()));
    let none = Memo::new(move |_| lines.with(|lines| lines.as_ref().is_some_and(Vec::is_empty)));
    let keys =
        Memo::new(move |_| lines.with(|lines| lines.iter().flatten().enumerate().map(key_of).collect::<Vec<_>>()));
    let row = move |key: RowKey| {
        let found = lines.with_untracked(|lines| {
            lines.iter().flatten().enumerate().find(|one| key_of(*one) == key).map(|(_, line)| line.clone())
        });
        found.map(|line| view! { <RecordRow line=line open=Callback::new(move |line| opened.set(Some(line)))/> })
    };
    let filtered = move || {
        filter.with(|filter| filter.revision.is_some() || filter.errors || kept.with(|word| word == "true"))
            || since.with(|word| !word.is_empty())
    };
    let shown = Memo::new(move |_| keys.with(Vec::len));
    let some = Memo::new(move |_| shown.get() > 0);
    view! {
        <Recording log=log bodies=bodies/>
        <Show when=move || log || bodies || filtered() || !none.get()>
            <RecordFilters filter=Signal::derive(move || { since.track(); filter.track(); untrack(now) }) both={log && bodies} follows=follows/>
        </Show>
        <Awaited query=query lines=6/>
        <Show when=move || none.get() && (log || bodies || filtered())>
            <div class="panel nothing" data-test="no-records">
                {move || match filtered() {
                    true => view! { <b>"No request matches"</b><p>"Choose a longer time, or take a filter away."</p> }.into_any(),
                    false => view! { <b>"No request yet"</b><p>"Each request appears here when its answer has ended."</p> }.into_any(),
                }}
            </div>
        </Show>
        <Show when=move || some.get()>
            <div class="table records" role="table" aria-label="Requests" data-test="records" aria-rowcount=move || (shown.get() + 1).to_string()>
                <RecordHead/>
                <WindowList keys=keys row=row/>
            </div>
            <More shown=shown limit=limit/>
        </Show>
        {move || opened.get().map(|line| view! { <RecordOpened line=line on_close=move || opened.set(None)/> })}
    }
}

/// What tells a row from the others: its record, or its place and time where an older version wrote it.
type RowKey = (Option<RecordId>, Option<(usize, Timestamp)>);

fn key_of((at, line): (usize, &RequestLine)) -> RowKey {
    match &line.id {
        Some(id) => (Some(id.clone()), None),
        None => (None, Some((at, line.at))),
    }
}

/// The way to earlier ones.
#[component]
fn More(shown: Memo<usize>, limit: RwSignal<u32>) -> impl IntoView {
    let full = move || shown.get() >= limit.get() as usize;
    move || {
        match (full(), limit.get() < MOST) {
        (false, _) => ().into_any(),
        (true, true) => view! {
            <button type="button" class="button start" data-test="earlier-records" on:click=move |_| limit.set(MOST)>"Show earlier requests"</button>
        }
        .into_any(),
        (true, false) => view! {
            <p class="sub" data-test="more-records">{format!("The newest {MOST} are shown. Filter them, or download a file with more.")}</p>
        }
        .into_any(),
    }
    }
}
