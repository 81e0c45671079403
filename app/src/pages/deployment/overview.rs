//! The first tab: what has happened, the rollout, the requests, the replicas; at the right, quietly, what is configured.

use leptos::prelude::*;

use super::checking::Checking;
use super::facts::{ConfigurationInUse, InWords};
use super::outcome::Outcome;
use super::replicas::Replicas;
use super::revisions::Revisions;
use super::rollout_card::RolloutCard;
use super::traffic::TrafficCard;

/// The overview.
#[component]
pub(crate) fn Overview() -> impl IntoView {
    view! {
        <Outcome/>
        <Checking/>
        <RolloutCard/>
        <div class="overview">
            <div class="stack">
                <TrafficCard/>
                <Replicas/>
            </div>
            <aside class="quiet-panel" aria-label="About this deployment">
                <ConfigurationInUse/>
                <InWords/>
                <Revisions/>
            </aside>
        </div>
    }
}
