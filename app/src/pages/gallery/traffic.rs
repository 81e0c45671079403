//! Charts: in use, with failures and a gap, and with nothing to draw.

use domain::wire::MetricsView;
use leptos::prelude::*;

use super::invented::{NOW, WINDOW, requests};
use super::shelf::Shelf;
use crate::components::{
    Chart, Drawing, Gathered, RevisionLabels, RolloutBand, errors, latency, ready_replicas, requests as drawn_requests,
    waiting_requests,
};

#[component]
pub(super) fn Traffic() -> impl IntoView {
    let looked = RwSignal::new(None::<i64>);
    let band = |failed: bool| RolloutBand {
        from: NOW - 500,
        to: Some(NOW - 300),
        name: "v1 → v2".to_owned(),
        href: "#rollout".to_owned(),
        failed,
    };
    let chart = move |view: MetricsView, draw: fn(&Gathered) -> Drawing, failed: bool, small: bool| {
        let gathered = Gathered::of(&view, WINDOW);
        let drawing = Memo::new(move |_| draw(&gathered));
        view! { <Chart drawing=drawing bands=vec![band(failed)] all_rollouts="#rollouts" looked=looked small=small/> }
    };
    let by_revision: fn(&Gathered) -> Drawing = |gathered| drawn_requests(gathered, &RevisionLabels::new());
    let empty = MetricsView { step: 1, from: NOW - i64::from(WINDOW), to: NOW, ..MetricsView::default() };
    view! {
        <Shelf title="Charts">
            {chart(requests(false), by_revision, false, false)}
            {chart(requests(true), by_revision, true, false)}
            {chart(requests(true), |gathered| latency(gathered, &RevisionLabels::new()), false, false)}
            {chart(requests(true), |gathered| errors(gathered, &RevisionLabels::new()), true, false)}
            <div class="gauges">
                {chart(requests(false), ready_replicas, false, true)}
                {chart(requests(false), waiting_requests, false, true)}
            </div>
            {chart(empty, by_revision, false, false)}
        </Shelf>
    }
}
