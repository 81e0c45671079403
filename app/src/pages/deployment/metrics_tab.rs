//! The tab with the requests of up to a year, added up by model version, and with replicas and waiting requests.

use leptos::prelude::*;

use super::charts::{GaugeCharts, KindChoice, MainChart, TimeChoice};
use super::measured::{Measured, TIMES};
use super::statistics::StatisticsTable;
use super::subject::Subject;

/// The tab.
#[component]
pub(crate) fn MetricsTab() -> impl IntoView {
    let subject: Subject = expect_context();
    let measured = Measured::here(subject, &TIMES, TIMES[2]);
    view! {
        <section class="card" data-test="metrics">
            <h2 class="visually-hidden">"Requests over time"</h2>
            <div class="card-head">
                <KindChoice measured=measured/>
                <span class="grow"></span>
                <TimeChoice measured=measured times=&TIMES/>
            </div>
            <MainChart measured=measured/>
        </section>
        <StatisticsTable measured=measured/>
        <GaugeCharts measured=measured/>
    }
}
