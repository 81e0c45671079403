//! The quiet line of a good morning: nothing is wrong, nothing waits, nothing moves.

use domain::id::DeploymentId;
use leptos::prelude::*;

use super::listing::StatusCounts;
use crate::components::{Ago, Glyph, Icon};
use crate::state::state;
use crate::words;

/// The line; it is there only while the three sections are not.
#[component]
pub(super) fn Calm(
    counts: Memo<StatusCounts>,
    wrong: Signal<Vec<DeploymentId>>,
    moving: Signal<Vec<DeploymentId>>,
) -> impl IntoView {
    let state = state();
    let calm = Memo::new(move |_| {
        let asked = state.request_counts();
        let waits = asked.waits_for_me + asked.to_acknowledge > 0;
        !waits && wrong.with(Vec::is_empty) && moving.with(Vec::is_empty)
    });
    let last = Memo::new(move |_| {
        let deployments = state.deployments();
        let newest = deployments.iter().max_by_key(|view| view.last_operation.at)?;
        Some((newest.name.to_string(), newest.last_operation.at))
    });
    let running = move || {
        let running = counts.with(|counts| counts.running);
        format!(
            "{}. Nothing is wrong, nothing moves, nothing waits for you.",
            words::count(running, "deployment runs", "deployments run")
        )
    };
    view! {
        <Show when=move || calm.get()>
            <p class="quiet-box" data-test="calm">
                <Glyph icon=Icon::Check/>
                <span>{running}</span>
                {move || last.get().map(|(name, at)| view! {
                    <span class="sub">"Last change: "<bdi>{name}</bdi>", "<Ago at=at now=state.now()/></span>
                })}
            </p>
        </Show>
    }
}
