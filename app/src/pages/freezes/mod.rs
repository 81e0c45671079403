//! Freezes: the calendar of the times at which nothing is started, what holds now, and the list.

mod calendar;
mod form;
mod lift;
mod list;
mod now;
mod weeks;
mod zone;

use std::sync::Arc;

use domain::freeze::{FreezeTimes, Occurrence};
use domain::wire::FreezeView;
use jiff::{Timestamp, ToSpan as _};
use leptos::prelude::*;

use self::calendar::Calendar;
use self::form::FreezeDialog;
use self::lift::LiftDialog;
use self::list::FreezeList;
use self::now::HeldNow;
use self::weeks::Held;
use self::zone::zone_of;
use super::drawn::{Drawn, lost_connection};
use super::in_address::{dialog_setter, parameter, parameter_setter};
use super::page_title::entitle;
use super::query_answer::QueryAnswer;
use crate::api;
use crate::components::{Glyph, Icon};
use crate::state::{Query, state};
use crate::words::{own_zone, zones};

/// A freeze, and when it holds in the weeks that are shown.
type WithTimes = (FreezeView, Vec<Occurrence>);

/// Weeks that are drawn at first, and for a quarter.
const FOUR_WEEKS: usize = 4;
const QUARTER: usize = 13;
/// Weeks before and after today of which the occurrences are read.
const AROUND_WEEKS: i64 = 16;
/// Milliseconds until the freezes are read again, because one has begun or ended meanwhile.
const AGAIN_MS: u32 = 60_000;

/// The page at `/freezes`.
#[component]
pub(crate) fn FreezesPage() -> impl IntoView {
    let state = state();
    entitle(|| "Freezes".to_owned());
    let query = Query::whenever(move || state.requests_changed(), read);
    query.ask_every(AGAIN_MS, || true);
    let (span, set_span) = (parameter("span"), parameter_setter("span"));
    let (zone, set_zone) = (parameter("zone"), parameter_setter("zone"));
    let (dialog, set_dialog) = (parameter("dialog"), dialog_setter());
    let own = own_zone::name();
    let (mine, label) = (own.clone(), format!("Mine ({})", zones::place(&own)));
    // The zone of the freezes: that of the first one that has any.
    let theirs = Memo::new(move |_| {
        let freezes = query.value()?;
        freezes.iter().find_map(|(view, _)| zone_of(&view.freeze.terms.when)).filter(|zone| *zone != own)
    });
    let shown = Memo::new(move |_| match theirs.get() {
        Some(theirs) if zone.get() != "mine" => theirs,
        _ => mine.clone(),
    });
    let weeks = Memo::new(move |_| if span.get() == "quarter" { QUARTER } else { FOUR_WEEKS });
    let admin = move || state.is_admin();
    let segment = move |pressed: Signal<bool>, label: String, choose: Callback<()>| {
        view! {
            <button type="button" aria-pressed=move || pressed.get().to_string() on:click=move |_| choose.run(())>{label}</button>
        }
    };
    let draw = move |freezes: Arc<Vec<WithTimes>>| {
        if freezes.is_empty() {
            return view! {
                <div class="panel nothing" data-test="empty">
                    <Glyph icon=Icon::Freeze/>
                    <b>"No freeze yet"</b>
                    <p>"While a freeze holds, nothing is started, created or deleted. What waits for it starts by itself when it ends. Rollouts under way, restarts and returns go on."</p>
                </div>
            }
            .into_any();
        }
        let held: Vec<Held> = freezes
            .iter()
            .flat_map(|(view, times)| {
                times.iter().map(|stretch| Held {
                    freeze: view.freeze.id.clone(),
                    name: view.freeze.terms.name.clone(),
                    stretch: *stretch,
                })
            })
            .collect();
        let list: Vec<FreezeView> = freezes.iter().map(|(view, _)| view.clone()).collect();
        view! {
            <HeldNow freezes=list.clone() open=set_dialog/>
            <div class="beneath">
                <div class="stack"><Calendar held=held zone=shown weeks=weeks/></div>
                <FreezeList freezes=list zone=shown open=set_dialog/>
            </div>
        }
        .into_any()
    };
    let found = move |id: &str| {
        let freezes = query.value()?;
        freezes.iter().map(|(view, _)| view).find(|view| view.freeze.id.as_str() == id).cloned()
    };
    let close = move || set_dialog.run(String::new());
    // A dialog that is open stays as it is while the list is read again.
    let open = Memo::new(move |_| {
        let dialog = dialog.get();
        let ready = query.value().is_some();
        Some(dialog).filter(|dialog| !dialog.is_empty() && ready)
    });
    view! {
        <Drawn>
            <header class="page-head">
                <h1>"Freezes"</h1>
                <span class="segments" role="group" aria-label="Span">
                    {segment(Signal::derive(move || weeks.get() == FOUR_WEEKS), "4 weeks".to_owned(), Callback::new(move |()| set_span.run(String::new())))}
                    {segment(Signal::derive(move || weeks.get() == QUARTER), "Quarter".to_owned(), Callback::new(move |()| set_span.run("quarter".to_owned())))}
                </span>
                <span class="grow"></span>
                {move || theirs.get().map(|theirs| view! {
                    <span class="sub only-wide">"Times in"</span>
                    <span class="segments" role="group" aria-label="Zone">
                        {segment(Signal::derive(move || zone.get() != "mine"), theirs, Callback::new(move |()| set_zone.run(String::new())))}
                        {segment(Signal::derive(move || zone.get() == "mine"), label.clone(), Callback::new(move |()| set_zone.run("mine".to_owned())))}
                    </span>
                })}
                <Show when=admin>
                    <button
                        type="button"
                        class="button primary"
                        data-test="new-freeze"
                        disabled=move || lost_connection().is_some()
                        on:click=move |_| set_dialog.run("new".to_owned())
                    >
                        <Glyph icon=Icon::Plus/>"New freeze"
                    </button>
                </Show>
            </header>
            <QueryAnswer query=query lines=8 draw=draw/>
            {move || open.get().map(|dialog| match dialog.split_once(' ') {
                Some(("lift", id)) => match untrack(|| found(id)) {
                    Some(view) => view! { <LiftDialog view=view on_close=close/> }.into_any(),
                    None => ().into_any(),
                },
                Some(("edit", id)) => match untrack(|| found(id)) {
                    Some(view) => view! { <FreezeDialog freeze=Some(view) switch=false on_close=close/> }.into_any(),
                    None => ().into_any(),
                },
                None if ["new", "switch"].contains(&dialog.as_str()) => {
                    view! { <FreezeDialog freeze=None switch={dialog == "switch"} on_close=close/> }.into_any()
                }
                _ => ().into_any(),
            })}
        </Drawn>
    }
}

/// Every freeze with its occurrences around today. A switch holds from now on as long as it is there; from a minute ago,
/// so that no clock finds it yet to come.
async fn read() -> Result<Vec<WithTimes>, api::Failure> {
    let now = Timestamp::now();
    let around = AROUND_WEEKS * 7 * 24;
    let from = now.checked_sub(around.hours()).unwrap_or(Timestamp::MIN);
    let until = now.checked_add(around.hours()).unwrap_or(Timestamp::MAX);
    let mut all = Vec::new();
    for view in api::freezes::list().await? {
        let times = match &view.freeze.terms.when {
            FreezeTimes::Switch { .. } => {
                let to = view.holds.map(|hold| hold.until.unwrap_or(until));
                let from = now.checked_sub(1.minute()).unwrap_or(now);
                to.map(|to| Occurrence { from: from.min(to), to }).into_iter().collect()
            }
            FreezeTimes::Once { .. } | FreezeTimes::Weekly { .. } => {
                let found = api::freezes::occurrences(&view.freeze.id, from, until).await?;
                found.items.into_iter().filter_map(|preview| preview.instants).collect()
            }
        };
        all.push((view, times));
    }
    Ok(all)
}
