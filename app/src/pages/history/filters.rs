//! The search and the filters of the history, each a chip that can be taken back.

use domain::event::EventKind;
use domain::id::Actor;
use domain::principal::PrincipalKind;
use gloo_timers::future::TimeoutFuture;
use jiff::Timestamp;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::filter::{HistoryAddress, HistoryFilter};
use crate::components::{Chip, ChipChoice, SearchBox};
use crate::pages::slash::focus_on_slash;
use crate::state::state;
use crate::words::{self, days};

/// Milliseconds after the last letter until the server is asked.
const TYPED_MS: u32 = 250;

/// The box that everything is searched with.
#[component]
pub(super) fn Search(filter: Memo<HistoryFilter>, address: HistoryAddress) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    focus_on_slash(input);
    let typed = RwSignal::new(filter.with_untracked(|filter| filter.q.clone()));
    let letters = StoredValue::new(0_u32);
    // A link, or going back, may have changed what is searched for.
    Effect::new(move |_| {
        let words = filter.with(|filter| filter.q.clone());
        if words.trim() != typed.with_untracked(|typed| typed.trim().to_owned()) {
            typed.set(words);
        }
    });
    let search = move |_| {
        letters.update_value(|count| *count += 1);
        let mine = letters.get_value();
        spawn_local(async move {
            TimeoutFuture::new(TYPED_MS).await;
            if letters.try_get_value() == Some(mine)
                && let Some(words) = typed.try_get_untracked()
            {
                address.note("q", words.trim().to_owned());
            }
        });
    };
    view! {
        <SearchBox label="Search history" placeholder="Search name, person, reason" typed=typed input=input key="/" on:input=search/>
    }
}

/// What people did, or everything.
#[component]
pub(super) fn HowMuch(filter: Memo<HistoryFilter>, address: HistoryAddress) -> impl IntoView {
    let all = move || filter.with(HistoryFilter::everything);
    let part = move |_| {
        let is_step = filter.with_untracked(|filter| filter.kind.parse::<EventKind>().is_ok_and(EventKind::is_step));
        let kind = if is_step { String::new() } else { filter.with_untracked(|filter| filter.kind.clone()) };
        address.choose([("show", String::new()), ("kind", kind)]);
    };
    view! {
        <span class="segments" role="group" aria-label="How much">
            <button type="button" data-test="show-people" aria-pressed=move || (!all()).to_string() on:click=part>"What people did"</button>
            <button type="button" data-test="show-all" aria-pressed=move || all().to_string() on:click=move |_| address.choose([("show", "all".to_owned())])>"Everything"</button>
        </span>
    }
}

/// Deployment, use case, person, kind and days.
#[component]
pub(super) fn Filters(filter: Memo<HistoryFilter>, address: HistoryAddress) -> impl IntoView {
    let state = state();
    let named = move |known: Vec<(String, String)>, chosen: fn(&HistoryFilter) -> &String, gone: &str| {
        let mut all = known;
        let chosen = filter.with(|filter| chosen(filter).clone());
        // One that is gone, or is not seen, still says why nothing is listed.
        if !chosen.is_empty() && all.iter().all(|(value, _)| *value != chosen) {
            let text = if gone.is_empty() { chosen.clone() } else { gone.to_owned() };
            all.push((chosen, text));
        }
        all
    };
    let deployments = Signal::derive(move || {
        let mut names: Vec<String> = state.deployments().iter().map(|view| view.name.to_string()).collect();
        names.sort();
        named(names.into_iter().map(|name| (name.clone(), name)).collect(), |filter| &filter.deployment, "")
    });
    let use_cases = Signal::derive(move || {
        let seen = state.use_case_names().into_iter().map(|(id, name)| (id.to_string(), name)).collect();
        named(seen, |filter| &filter.use_case, "a use case that you do not see")
    });
    let people = Signal::derive(move || {
        let acting = |kind| matches!(kind, PrincipalKind::Person | PrincipalKind::Service);
        let known = state.principals().into_iter().filter(|one| acting(one.kind));
        let mut all: Vec<_> = known.map(|one| (one.id.to_string(), one.name)).collect();
        all.sort_by_key(|(_, name)| name.to_lowercase());
        all.push((Actor::server().to_string(), "Changeover itself".to_owned()));
        named(all, |filter| &filter.by, "somebody who is gone")
    });
    let kinds: Vec<_> = EventKind::ALL.into_iter().map(|kind| (kind.to_string(), titled(kind))).collect();
    let value =
        move |of: fn(&HistoryFilter) -> &String| Signal::derive(move || filter.with(|filter| of(filter).clone()));
    let set = move |key: &'static str| Callback::new(move |value: String| address.choose([(key, value)]));
    view! {
        <ChipChoice label="Deployment" any="Any deployment" name="history-deployment" options=deployments value=value(|filter| &filter.deployment) on_choose=set("deployment")/>
        <Show when=move || use_cases.with(|all| !all.is_empty())>
            <ChipChoice label="Use case" any="Any use case" name="history-use-case" options=use_cases value=value(|filter| &filter.use_case) on_choose=set("use_case")/>
        </Show>
        <ChipChoice label="Person" any="Anybody" name="history-by" options=people value=value(|filter| &filter.by) on_choose=set("by")/>
        <ChipChoice label="Kind" any="Any kind" name="history-kind" options=kinds value=value(|filter| &filter.kind) on_choose=set("kind")/>
        <Chip
            label="Days"
            name="history-days"
            text=Signal::derive(move || filter.with(|filter| filter.days_in_words(days::day_of(Timestamp::now()))))
            chosen=Signal::derive(move || filter.with(HistoryFilter::has_days))
            on_clear=move || address.choose(["days", "from", "to"].map(|key| (key, String::new())))
            panel=move |close| view! { <Days filter=filter address=address close=close/> }
        />
    }
}

/// A kind, as in *Rollout started*.
fn titled(kind: EventKind) -> String {
    words::sentence(&kind.as_str().replace('_', " "))
}

/// The last days, or from one day to another.
#[component]
fn Days(filter: Memo<HistoryFilter>, address: HistoryAddress, close: Callback<()>) -> impl IntoView {
    let last = [("1", "Today"), ("7", "Last 7 days"), ("30", "Last 30 days"), ("365", "Last 365 days")];
    let choose = move |days: &'static str| {
        close.run(());
        address.choose([("days", days.to_owned()), ("from", String::new()), ("to", String::new())]);
    };
    let (from, to) = filter.with_untracked(|filter| (filter.from.clone(), filter.to.clone()));
    let (from, to) = (RwSignal::new(from), RwSignal::new(to));
    // Days as they are written in addresses are in the order of their texts.
    let turned = move || {
        let (from, to) = (from.get(), to.get());
        !from.is_empty() && !to.is_empty() && from > to
    };
    let apply = move |_| {
        close.run(());
        address.choose([("days", String::new()), ("from", from.get_untracked()), ("to", to.get_untracked())]);
    };
    let day = |label: &'static str, name: &'static str, value: RwSignal<String>| {
        let id = format!("field-{name}");
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                <input id=id type="date" name=name data-test=name prop:value=move || value.get() on:input:target=move |event| value.set(event.target().value())/>
            </div>
        }
    };
    view! {
        <div class="choices">
            <ul class="choices-list">
                {last.map(|(days, text)| view! {
                    <li><button type="button" class="menu-item" data-test=format!("history-last-{days}") aria-current=move || filter.with(|filter| filter.days == days).then_some("true") on:click=move |_| choose(days)>{text}</button></li>
                }).collect_view()}
            </ul>
            <div class="choices-days">{day("First day", "history-from", from)}{day("Last day", "history-to", to)}</div>
            <p class="bad small" role="status">{move || turned().then_some("The last day is before the first.")}</p>
            <button type="button" class="button" data-test="history-days-apply" disabled=move || turned() || (from.with(String::is_empty) && to.with(String::is_empty)) on:click=apply>"Show these days"</button>
        </div>
    }
}
