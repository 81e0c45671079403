//! The charts of a deployment, with what can be chosen about them.

use leptos::prelude::*;

use super::measured::{ChartKind, MARKED, Measured, TimeShown};
use super::subject::Subject;
use crate::api::href;
use crate::components::{Chart, RolloutBand, length_word};
use crate::pages::query_answer::Awaited;

/// The buttons for what is drawn.
#[component]
pub(super) fn KindChoice(measured: Measured) -> impl IntoView {
    let (choose, _) = measured.choosers();
    let button = move |kind: ChartKind| {
        let (key, label) = kind.words();
        let pressed = move || (measured.kind.get() == kind).to_string();
        view! {
            <button type="button" aria-pressed=pressed data-test=format!("chart-{key}") on:click=move |_| choose.run(key.to_owned())>{label}</button>
        }
    };
    view! { <div class="segments" role="group" aria-label="What is drawn">{ChartKind::ALL.map(button).collect_view()}</div> }
}

/// The buttons for how far back the charts look.
#[component]
pub(super) fn TimeChoice(measured: Measured, times: &'static [TimeShown]) -> impl IntoView {
    let (_, choose) = measured.choosers();
    let button = move |time: &'static TimeShown| {
        let pressed = move || (measured.time.get() == *time).to_string();
        view! {
            <button type="button" aria-pressed=pressed data-test=format!("window-{}", time.key) on:click=move |_| choose.run(time.key.to_owned())>{time.label}</button>
        }
    };
    view! { <div class="segments" role="group" aria-label="How far back">{times.iter().map(button).collect_view()}</div> }
}

/// The chart that is chosen; what there is to say while there is none.
#[component]
pub(super) fn MainChart(measured: Measured) -> impl IntoView {
    let subject: Subject = expect_context();
    let drawing = measured.main_drawing();
    let bands = measured.bands(subject);
    let empty = Memo::new(move |_| drawing.with(|drawing| drawing.is_empty));
    let answered = Memo::new(move |_| measured.query.value().is_some());
    let rollouts = StoredValue::new(rollouts_at(subject));
    let not_all = Memo::new(move |_| bands.with(|bands| bands.len() >= MARKED as usize));
    view! {
        <Awaited query=measured.query lines=5/>
        <Show when=move || answered.get()>
            <Show when=move || !empty.get() fallback=move || view! { <Nothing measured=measured/> }>
                <Chart drawing=drawing bands=bands all_rollouts=rollouts.get_value() looked=measured.looked/>
            </Show>
            <Show when=move || not_all.get()>
                <p class="sub">{format!("Only the newest {MARKED} rollouts are marked.")}</p>
            </Show>
        </Show>
    }
}

/// The small charts of replicas and of waiting requests.
#[component]
pub(super) fn GaugeCharts(measured: Measured) -> impl IntoView {
    let subject: Subject = expect_context();
    let bands = measured.bands(subject);
    let drawings = measured.gauge_drawings();
    let seen = Memo::new(move |_| drawings.iter().any(|drawing| drawing.with(|drawing| !drawing.is_empty)));
    let answered = Memo::new(move |_| measured.query.value().is_some());
    let rollouts = StoredValue::new(rollouts_at(subject));
    let chart = move |drawing: Memo<crate::components::Drawing>| {
        let bands: Signal<Vec<RolloutBand>> = bands.into();
        view! { <Chart drawing=drawing bands=bands all_rollouts=rollouts.get_value() looked=measured.looked small=true/> }
    };
    view! {
        <Show when=move || answered.get()>
            <section class="card" data-test="gauges">
                <div class="card-head"><h2>"Replicas and waiting requests"</h2></div>
                <Show when=move || seen.get() fallback=move || view! { <p class="sub">{move || nobody_looked(measured)}</p> }>
                    <div class="gauges">{drawings.map(chart).collect_view()}</div>
                </Show>
            </section>
        </Show>
    }
}

fn nobody_looked(measured: Measured) -> String {
    let last = measured.query.value().map_or("minute", |answered| answered.time.last);
    format!("Nobody has looked at replicas and waiting requests in the last {last}: the server did not run.")
}

/// In place of a chart without requests.
#[component]
fn Nothing(measured: Measured) -> impl IntoView {
    let subject: Subject = expect_context();
    let url =
        Memo::new(move |_| subject.view.with(|view| view.as_ref().map(|view| view.url.clone()).unwrap_or_default()));
    let words = move || {
        let last = measured.query.value().map_or("minute", |answered| answered.time.last);
        let gathered = measured.gathered();
        match gathered.as_ref().map(|gathered| (gathered.is_all_gap(), gathered.has_requests())) {
            Some((true, _)) if gathered.as_ref().is_some_and(|gathered| gathered.is_cleared()) => {
                format!("What was counted in the last {last} was cleared.")
            }
            Some((true, _)) => format!("Nothing was counted in the last {last}: the server did not run."),
            Some((_, true)) => format!("No request was answered by a replica in the last {last}."),
            _ => format!("No requests in the last {last}."),
        }
    };
    let was_down = move || measured.gathered().is_some_and(|gathered| gathered.is_all_gap());
    let running = move || {
        let length = measured.gathered().map_or(1, |gathered| gathered.buckets.length);
        (length > 1).then(|| format!(" Requests are drawn when the {} in which they end is over.", length_word(length)))
    };
    let next = move || match was_down() {
        true => view! { <p class="sub">"Choose a longer time to see what was counted before."</p> }.into_any(),
        false => view! {
            <p class="sub">"Send one to "<code>{url}</code>", or choose a longer time to see earlier ones."{running}</p>
        }
        .into_any(),
    };
    view! {
        <div class="chart-empty" data-test="no-requests">
            <p><b>{words}</b></p>
            {next}
        </div>
    }
}

fn rollouts_at(subject: Subject) -> String {
    href(&format!("/deployments/{}?tab=rollouts", subject.name()))
}
