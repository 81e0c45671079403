//! The logs of the replicas, also of those that have ended: followed, searched, chosen by revision and level.

mod book;
mod chosen;
mod feed;
mod filters;
mod line;
mod pane;
mod search;

use domain::error_code::ErrorCode;
use domain::wire::LoggedReplica;
use leptos::prelude::*;

use self::book::Book;
use self::chosen::LogAddress;
use self::feed::{Feed, Flow};
use self::filters::Filters;
use self::pane::Pane;
use self::search::Hits;
use super::subject::Subject;
use crate::api;
use crate::components::{Empty, Skeleton};
use crate::pages::query_answer::{Refused, Trouble};
use crate::state::{Query, state};
use crate::words::{self, numbers, times};

/// The tab.
#[component]
pub(crate) fn LogsTab() -> impl IntoView {
    let subject: Subject = expect_context();
    let state = state();
    let address = LogAddress::here();
    let id = subject.id();
    let known =
        Query::whenever(move || state.touches(&id), move || async move { api::logs::replicas(&subject.name()).await });
    let replicas = Memo::new(move |_| known.value().unwrap_or_default());
    // The one that is chosen, when it has ended.
    let ended = Memo::new(move |_| {
        let chosen = address.choice.with(|choice| choice.replica.clone());
        replicas.with(|list| list.iter().find(|one| one.id.as_str() == chosen && one.ended_at.is_some()).cloned())
    });
    let goes_on = Memo::new(move |_| ended.with(Option::is_none));
    let feed = Feed::new(subject.name(), address.choice, goes_on);
    let hits = Hits::new(feed);
    let empty = Memo::new(move |_| feed.book.with(|book| book.len() == 0));
    view! {
        <section class="card logs">
            <h2 class="visually-hidden">"Log lines"</h2>
            <Filters name=subject.name() address=address feed=feed hits=hits replicas=replicas/>
            {move || ended.get().map(|replica| view! { <Ended replica=replica/> })}
            <Fault feed=feed address=address/>
            <Refused failure=Signal::derive(move || known.failure().filter(|_| feed.failure.with(Option::is_none)))/>
            {move || match (feed.flow.get() == Flow::Loading && feed.failure.with(Option::is_none), empty.get()) {
                (true, true) => view! { <Skeleton lines=8/> }.into_any(),
                (false, true) if feed.failure.with(Option::is_none) => view! { <Nothing feed=feed address=address/> }.into_any(),
                _ => ().into_any(),
            }}
            <Show when=move || !empty.get()>
                <div class="log-frame">
                    <Before feed=feed/>
                    <Pane feed=feed hits=hits wraps=address.wraps/>
                    <Behind feed=feed/>
                </div>
            </Show>
        </section>
    }
}

/// When and why the chosen replica ended.
#[component]
fn Ended(replica: LoggedReplica) -> impl IntoView {
    let at = replica.ended_at.map(times::exact).unwrap_or_default();
    let revision = replica.revision.map(|revision| format!(" of revision {revision}")).unwrap_or_default();
    let why = match replica.problem {
        Some(problem) => words::with_full_stop(&words::sentence(&problem)),
        None => "It was stopped; nothing was wrong with it.".to_owned(),
    };
    view! {
        <p class="log-ended" data-test="log-ended"><b>{format!("Replica {}{revision} ended {at}.", replica.id)}</b>" "{why}</p>
    }
}

/// Why lines cannot be read.
#[component]
fn Fault(feed: Feed, address: LogAddress) -> impl IntoView {
    move || {
        feed.failure.get().map(|failure| {
            let named = address.choice.with(|choice| !choice.replica.is_empty());
            if named && failure.is(ErrorCode::NotFound) {
                return view! {
                    <Empty title="No output of this replica is kept">
                        <p>"It has written nothing yet, or it ended so long ago that newer output took its place."</p>
                        <p><button type="button" class="button" on:click=move |_| address.set_replica.run(String::new())>"Show all replicas"</button></p>
                    </Empty>
                }
                .into_any();
            }
            let retry = Callback::new(move |()| feed.begin());
            view! { <Trouble failure=failure retry=retry/> }.into_any()
        })
    }
}

/// What there is to say where no line is.
#[component]
fn Nothing(feed: Feed, address: LogAddress) -> impl IntoView {
    let level = address.choice.with_untracked(|choice| choice.level.is_some());
    if feed.book.with_untracked(Book::has_earlier) && feed.reads_back.get_untracked() {
        return view! { <Skeleton lines=8/> }.into_any();
    }
    if level {
        return view! {
            <Empty title="No such lines">
                <p>"None of the lines that are kept is a warning or an error. New ones appear here as they are written."</p>
                <p><button type="button" class="button" data-test="log-all-levels" on:click=move |_| address.set_level.run(String::new())>"Show all levels"</button></p>
            </Empty>
        }
        .into_any();
    }
    view! {
        <Empty title="No lines yet">
            <p>"What replicas print is shown here as they write it. Lines of replicas that have ended are under Replica."</p>
        </Empty>
    }
    .into_any()
}

/// What is before the first line.
#[component]
fn Before(feed: Feed) -> impl IntoView {
    let said = move || {
        feed.book.with(|book| match (book.has_earlier(), book.before()) {
            (false, _) => "The beginning of what is kept.".to_owned(),
            (true, None) => {
                format!("Only {} lines are shown here. Download has all.", numbers::whole(book.len() as u64))
            }
            (true, Some(_)) if feed.reads_back.get() => "Reading earlier lines…".to_owned(),
            (true, Some(_)) => "Scroll up for earlier lines.".to_owned(),
        })
    };
    view! {
        <p class="small second log-before">{said}</p>
        {move || feed.before_failure.get().map(|failure| {
            let retry = Callback::new(move |()| feed.read_back_again());
            view! { <Trouble failure=failure retry=retry/> }
        })}
    }
}

/// The way to the end, and how many lines wait there.
#[component]
fn Behind(feed: Feed) -> impl IntoView {
    let said = move || match (feed.waiting.get(), feed.full.get()) {
        (0, _) => "Go to the end".to_owned(),
        (count, false) => words::count(count, "new line", "new lines"),
        (count, true) => format!("More than {} new lines", numbers::whole(count as u64)),
    };
    move || {
        (!feed.follows.get()).then(|| view! {
            <button type="button" class="button primary log-behind" data-test="log-end" on:click=move |_| feed.to_the_end()>{said}</button>
        })
    }
}
