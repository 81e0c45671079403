//! The requests of the last minutes, in short.

use leptos::prelude::*;

use super::charts::{KindChoice, MainChart, TimeChoice};
use super::measured::{Measured, TIMES};
use super::subject::Subject;
use crate::api::href;

/// Times that can be chosen here, of all.
const CHOICE: std::ops::Range<usize> = 0..3;

/// The card with the chart.
#[component]
pub(crate) fn TrafficCard() -> impl IntoView {
    let subject: Subject = expect_context();
    let times = &TIMES[CHOICE];
    let measured = Measured::here(subject, times, TIMES[1]);
    let more = move || {
        let (kind, time) = (measured.kind.get().words().0, measured.time.get().key);
        href(&format!("/deployments/{}?tab=metrics&chart={kind}&window={time}", subject.name()))
    };
    view! {
        <section class="card" data-test="traffic">
            <h2 class="visually-hidden">"Requests over time"</h2>
            <div class="card-head">
                <KindChoice measured=measured/>
                <span class="grow"></span>
                <TimeChoice measured=measured times=times/>
            </div>
            <MainChart measured=measured/>
            <p class="sub chart-more"><a href=more data-test="all-metrics">"All metrics, up to a year back"</a></p>
        </section>
    }
}
