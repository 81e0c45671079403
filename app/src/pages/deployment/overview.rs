//! The first tab: the rollout, the requests, the receipt, the configuration in use, the revisions, and the settings.

use leptos::prelude::*;

use super::about::About;
use super::checking::Checking;
use super::facts::ConfigurationInUse;
use super::outcome::Outcome;
use super::revisions::Revisions;
use super::rollout_card::RolloutCard;
use super::subject::Subject;
use super::traffic::TrafficCard;
use crate::components::ReceiptTable;

/// The overview.
#[component]
pub(crate) fn Overview() -> impl IntoView {
    let subject: Subject = expect_context();
    let receipt = Memo::new(move |_| {
        subject.newest().map(|rollout| (rollout.number, rollout.phase.is_active(), rollout.receipt))
    });
    view! {
        <Outcome/>
        <Checking/>
        <div class="overview">
            <div class="stack">
                <RolloutCard/>
                <TrafficCard/>
            </div>
            <div class="stack">
                {move || receipt.get().map(|(number, active, receipt)| {
                    let title = if active { "Receipt so far".to_owned() } else { format!("Receipt of rollout {number}") };
                    view! { <section class="card"><div class="card-head"><h2>{title}</h2></div><ReceiptTable receipt=receipt/></section> }
                })}
                <ConfigurationInUse/>
                <Revisions/>
                <About/>
            </div>
        </div>
    }
}
