//! Requests over time.

use leptos::prelude::*;

use super::subject::Subject;
use crate::api;
use crate::components::{RequestsChart, Span};
use crate::pages::query_answer::QueryAnswer;
use crate::state::{Query, state};

/// Milliseconds between two looks.
const AGAIN_MS: u32 = 3_000;
/// Lengths that can be chosen, in seconds.
const WINDOWS: [(u32, &str); 3] = [(300, "5 min"), (900, "15 min"), (3_600, "1 h")];

/// The card with the chart.
#[component]
pub(crate) fn TrafficCard() -> impl IntoView {
    let subject: Subject = expect_context();
    let state = state();
    let window = RwSignal::new(WINDOWS[0].0);
    let query = Query::whenever(
        move || window.track(),
        move || {
            let window = window.get_untracked();
            async move { api::deployments::metrics(&subject.name(), window).await }
        },
    );
    query.ask_every(AGAIN_MS, || true);
    let choice = move |(seconds, label): (u32, &'static str)| {
        let chosen = move || window.get() == seconds;
        view! {
            <button type="button" aria-pressed=move || chosen().to_string() on:click=move |_| window.set(seconds)>{label}</button>
        }
    };
    let draw = move |points: std::sync::Arc<Vec<domain::wire::MetricsPoint>>| {
        let now = state.now().get_untracked().as_second();
        let end = points.last().map_or(now, |point| point.at.max(now));
        let span = subject.rollout.value().and_then(|rollout| {
            let rollout = rollout.as_ref().as_ref()?;
            Some(Span { from: rollout.started_at.as_second(), to: rollout.ended_at.map_or(end, |at| at.as_second()) })
        });
        let spans: Vec<Span> = span.into_iter().collect();
        view! { <RequestsChart points=points.to_vec() spans=spans end=end window=i64::from(window.get_untracked())/> }
            .into_any()
    };
    view! {
        <section class="card" data-test="traffic">
            <div class="card-head">
                <h2>"Requests"</h2>
                <span class="grow"></span>
                <div class="segments" role="group" aria-label="Time shown">{WINDOWS.map(choice).collect_view()}</div>
            </div>
            <QueryAnswer query=query lines=4 draw=draw/>
        </section>
    }
}
