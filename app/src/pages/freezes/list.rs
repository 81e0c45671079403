//! The freezes beside the calendar, with their times in their own zone and in the reader's.

use domain::freeze::{FreezeScope, FreezeTimes, Weekday};
use domain::wire::FreezeView;
use leptos::prelude::*;

use super::zone::zone_of;
use crate::components::{Menu, MenuItem, StateLabel};
use crate::state::{State, state};
use crate::words::requests::joined;
use crate::words::{Tone, civil, count, own_zone, zones};

/// The quiet column.
#[component]
pub(super) fn FreezeList(freezes: Vec<FreezeView>, zone: Memo<String>, open: Callback<String>) -> impl IntoView {
    let state = state();
    let switch =
        freezes.iter().any(|view| matches!(view.freeze.terms.when, FreezeTimes::Switch { .. }) && view.holds.is_some());
    let items = freezes.into_iter().map(|view| view! { <Item view=view zone=zone open=open/> }).collect_view();
    view! {
        <aside class="quiet-panel" aria-label="List of freezes">
            {items}
            {(!switch).then(|| view! {
                <section data-test="switch">
                    <div class="quiet-head"><h2>"Switch"</h2><StateLabel word="Off".to_owned() tone=Tone::Off/></div>
                    <p class="prose second">
                        "Holds everything at once, until you turn it off. "
                        <Show when=move || state.is_admin()>
                            <button type="button" class="button small danger" data-test="turn-on" on:click=move |_| open.run("switch".to_owned())>"Turn on…"</button>
                        </Show>
                    </p>
                </section>
            })}
        </aside>
    }
}

#[component]
fn Item(view: FreezeView, zone: Memo<String>, open: Callback<String>) -> impl IntoView {
    let state = state();
    let now = state.now();
    let terms = view.freeze.terms.clone();
    let next = view.next;
    let holds = view.holds.is_some();
    let word = move || match next {
        _ if holds => ("Holds now".to_owned(), Tone::Held),
        Some(next) => {
            let within = zones::within(next.from, now.get());
            (crate::words::sentence(&within), Tone::Waits)
        }
        None => ("Over".to_owned(), Tone::Off),
    };
    let id = view.freeze.id.to_string();
    let (edit, lift) = (id.clone(), id.clone());
    let names = view.deployments.iter().map(ToString::to_string).collect::<Vec<_>>();
    let what = scope(&terms.scope, names.len(), state);
    let shown = names.join(", ");
    let facts = move || times(&terms.when, next.map(|next| (next.from, next.to)), &zone.get());
    let reason = terms.reason.clone();
    let title = terms.name.clone();
    view! {
        <section class="freeze-item" data-test="freeze">
            <div class="quiet-head">
                <h2>{title.clone()}</h2>
                <span class="buttons">
                    <StateLabel word=Signal::derive(move || word().0) tone=Signal::derive(move || word().1)/>
                    {state.is_admin().then(|| view! {
                        <Menu label=format!("Actions for {title}") id=format!("freeze-{id}")>
                            <MenuItem label="Edit…" name="edit-freeze" on_choose={let edit = edit.clone(); move || open.run(format!("edit {edit}"))}/>
                            <MenuItem label="Lift or delete…" name="delete-freeze" danger=true on_choose={let lift = lift.clone(); move || open.run(format!("lift {lift}"))}/>
                        </Menu>
                    })}
                </span>
            </div>
            {(!reason.is_empty()).then(|| view! { <p class="prose second">{reason}</p> })}
            <dl class="quiet-facts">
                {move || facts().into_iter().map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> }).collect_view()}
                <dt>"holds"</dt><dd title=shown>{what}</dd>
            </dl>
        </section>
    }
}

/// The times in words: as they were written, and for the reader where their clocks show another one.
fn times(
    when: &FreezeTimes,
    next: Option<(jiff::Timestamp, jiff::Timestamp)>,
    shown: &str,
) -> Vec<(&'static str, String)> {
    let mut facts = match when {
        FreezeTimes::Switch { until: None } => vec![("switch", "on until it is turned off".to_owned())],
        FreezeTimes::Switch { until: Some(until) } => {
            vec![("switch", format!("on until {}", zones::moment(*until, &zones::named(shown))))]
        }
        FreezeTimes::Once { from, to, .. } => {
            vec![("from", civil::moment(*from)), ("to", civil::moment(*to))]
        }
        FreezeTimes::Weekly { days, from, to, days_later, .. } => {
            let days: Vec<_> = days.iter().map(|day| short(*day).to_owned()).collect();
            let later = match days_later {
                0 => String::new(),
                1 => ", the day after".to_owned(),
                later => format!(", {later} days later"),
            };
            let (from, to) = (clock(*from), clock(*to));
            vec![("every week", format!("{} {from} to {to}{later}", joined(&days, "and")))]
        }
    };
    if let Some(zone) = zone_of(when) {
        if let Some((from, to)) = next.filter(|_| zone != own_zone::name()) {
            facts.push(("for you", format!("{} to {}", own_zone::soon(from), own_zone::soon(to))));
        }
        facts.push(("zone", zone));
    }
    facts
}

fn clock(time: jiff::civil::Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// The first letters of a day.
pub(super) fn short(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tue",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thu",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
        Weekday::Sunday => "Sun",
    }
}

/// What a scope holds, with how many there are now.
pub(super) fn scope(scope: &FreezeScope, now: usize, state: State) -> String {
    match scope {
        FreezeScope::All => format!("everything: {now}"),
        FreezeScope::Importance(levels) => {
            let levels: Vec<_> = levels.iter().map(ToString::to_string).collect();
            format!("{}: {now}", joined(&levels, "or"))
        }
        FreezeScope::Deployments(ids) => {
            let known: Vec<_> =
                ids.iter().filter_map(|id| state.deployment_now(id)).map(|view| view.name.to_string()).collect();
            match known.len() {
                1..=3 => joined(&known, "and"),
                _ => count(ids.len(), "deployment", "deployments"),
            }
        }
        FreezeScope::UseCases(ids) => {
            let names: Vec<_> = ids.iter().map(|id| state.use_case_name(id)).collect();
            match names.len() {
                0 => "use cases that you do not see".to_owned(),
                _ => format!("{}: {now}", joined(&names, "or")),
            }
        }
    }
}
