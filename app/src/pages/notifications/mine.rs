//! One's own notices, newest first.

use std::sync::Arc;

use domain::notice::Topic;
use domain::wire::{NoticeView, NoticesView, ReadNotices};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::api::{self, Failure, href};
use crate::components::{Ago, Glyph, Icon};
use crate::pages::drawn::lost_connection;
use crate::pages::in_address::{parameter, parameter_setter};
use crate::pages::query_answer::{QueryAnswer, Refused};
use crate::state::{Query, state};
use crate::words::notices::topic;

/// The tab.
#[component]
pub(super) fn MineTab() -> impl IntoView {
    let state = state();
    let (only, set_only) = (parameter("only"), parameter_setter("only"));
    let unread_only = Memo::new(move |_| only.with(|only| only == "unread"));
    let query = Query::whenever(
        move || (state.notices_changed(), unread_only.get()),
        move || async move { api::notices::list(unread_only.get_untracked(), None).await },
    );
    let older = RwSignal::new(Vec::<NoticeView>::new());
    let next = RwSignal::new(None::<Option<u64>>);
    let failure = RwSignal::new(None::<Failure>);
    // What was fetched behind the first page is as old as the first page.
    Effect::new(move |_| {
        query.value();
        older.set(Vec::new());
        next.set(None);
    });
    let read = move |which: ReadNotices| {
        failure.set(None);
        spawn_local(async move {
            match api::notices::read(&which).await {
                // The list is read again with it, unless whoever followed a link has left it.
                Ok(()) => state.reread_notices(),
                Err(refused) => drop(failure.try_set(Some(state.noting(refused)))),
            }
        });
    };
    let newest = move || query.value().and_then(|view| view.items.first().map(|notice| notice.id));
    let unread = move || query.value().map_or(0, |view| view.unread);
    let following = move || next.get().unwrap_or_else(|| query.value().and_then(|view| view.next_before));
    let more = move |_| {
        let Some(before) = untrack(following) else { return };
        spawn_local(async move {
            match api::notices::list(unread_only.get_untracked(), Some(before)).await {
                Ok(view) => {
                    older.try_update(|older| older.extend(view.items));
                    next.try_set(Some(view.next_before));
                }
                Err(refused) => drop(failure.try_set(Some(state.noting(refused)))),
            }
        });
    };
    let segment = move |label: &'static str, value: &'static str| {
        let pressed = move || only.with(|only| only == value).to_string();
        view! {
            <button type="button" aria-pressed=pressed data-test=format!("only-{}", if value.is_empty() { "all" } else { value }) on:click=move |_| set_only.run(value.to_owned())>{label}</button>
        }
    };
    let draw = move |view: Arc<NoticesView>| {
        if view.items.is_empty() {
            let (title, text) = if unread_only.get_untracked() {
                ("Nothing unread", "You have read all that you were told.")
            } else {
                (
                    "No notices yet",
                    "Notices appear here when a deployment of yours is replaced or fails, and when somebody wants your review.",
                )
            };
            return view! {
                <div class="panel nothing" data-test="empty">
                    <Glyph icon=Icon::Bell/>
                    <b>{title}</b>
                    <p>{text}</p>
                </div>
            }
            .into_any();
        }
        let lines =
            view.items.iter().cloned().map(|one| view! { <Line notice=one read=Callback::new(read)/> }).collect_view();
        view! {
            <div class="panel">
                <ul class="row-lines" aria-label="Notices">
                    {lines}
                    {move || older.get().into_iter().map(|one| view! { <Line notice=one read=Callback::new(read)/> }).collect_view()}
                </ul>
            </div>
            {move || following().map(|_| view! {
                <button type="button" class="button" data-test="more" disabled=move || lost_connection().is_some() on:click=more>"Show older ones"</button>
            })}
        }
        .into_any()
    };
    view! {
        <section class="part">
            <div class="filters">
                <span class="segments" role="group" aria-label="Which">
                    {segment("All", "")}
                    {segment("Unread", "unread")}
                </span>
                <span class="grow"></span>
                <button
                    type="button"
                    class="button small"
                    data-test="read-all"
                    disabled=move || unread() == 0 || lost_connection().is_some()
                    on:click=move |_| if let Some(id) = untrack(newest) { read(ReadNotices { up_to: Some(id), ..ReadNotices::default() }) }
                >"Mark all as read"</button>
            </div>
            <Refused failure=failure/>
            <QueryAnswer query=query lines=6 draw=draw/>
        </section>
    }
}

#[component]
fn Line(notice: NoticeView, read: Callback<ReadNotices>) -> impl IntoView {
    let now = state().now();
    let (id, unread, said) = (notice.id, !notice.read, notice.said);
    let follow = move |_| {
        if unread {
            read.run(ReadNotices { ids: vec![id], up_to: None });
        }
    };
    view! {
        <li class="row-line notice" class:unread=unread data-test="notice">
            <Glyph icon=icon(notice.topic)/>
            <div class="what">
                <a class="name" href=href(&said.path) on:click=follow>{said.subject}</a>
                {unread.then(|| view! { <span class="visually-hidden">" (unread)"</span> })}
                {said.happened.lines().map(|line| view! { <p>{line.to_owned()}</p> }).collect_view()}
                {said.why.map(|why| view! { <p><b>"Why: "</b>{why}</p> })}
                {said.next.map(|next| view! { <p><b>"What to do: "</b>{next}</p> })}
                <span class="sub second-line">{topic(notice.topic)}" · "<Ago at=notice.at now=now/></span>
            </div>
            {unread.then(|| view! {
                <button type="button" class="button small quiet" data-test="read-one" disabled=move || lost_connection().is_some() on:click=move |_| read.run(ReadNotices { ids: vec![id], up_to: None })>"Mark as read"</button>
            })}
        </li>
    }
}

/// The picture of a topic.
fn icon(topic: Topic) -> Icon {
    match topic {
        Topic::RolloutEnded => Icon::Swap,
        Topic::DeploymentDeleted => Icon::Close,
        Topic::AccessChanged | Topic::ServerChanged => Icon::People,
        Topic::ReviewWanted | Topic::RequestMoved => Icon::Approvals,
        Topic::RequestWaits => Icon::Clock,
        Topic::BreakGlass => Icon::Warning,
        Topic::FreezeChanged => Icon::Freeze,
        Topic::OwnAccount => Icon::Person,
    }
}
