//! The engine's steps of a rollout: a number that opens, and is read then. Which are open stands in the address.

use domain::id::DeploymentId;
use domain::wire::{HistoryEntry, RolloutTold};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::line::{Line, Shown};
use crate::api::{self, Failure};
use crate::components::{Glyph, Icon, Skeleton};
use crate::pages::in_address::{parameter, parameter_setter};
use crate::pages::query_answer::Refused;
use crate::state::state;
use crate::words;

/// Steps that one question brings.
const PAGE: u32 = 200;
/// The most rollouts that are open in the address.
const OPEN: usize = 8;

/// The number of steps, and when it is open the steps, newest first.
#[component]
pub(super) fn Steps(deployment: DeploymentId, rollout: RolloutTold, shown: Shown) -> impl IntoView {
    let open = parameter("steps");
    let set_open = parameter_setter("steps");
    let mine = format!("{deployment}.{}", rollout.number);
    let count = usize::try_from(rollout.steps).unwrap_or(usize::MAX);
    let controls = format!("steps-{}-{}", deployment, rollout.number);
    let is_open = {
        let mine = mine.clone();
        Memo::new(move |_| open.with(|open| open.split(',').any(|one| one == mine)))
    };
    let toggle = move |_| {
        let before = open.get_untracked();
        let mut all: Vec<&str> = before.split(',').filter(|one| !one.is_empty() && *one != mine).collect();
        if !is_open.get_untracked() {
            all.push(&mine);
        }
        let first = all.len().saturating_sub(OPEN);
        set_open.run(all[first..].join(","));
    };
    let id = controls.clone();
    view! {
        <button type="button" class="fold-line" data-test="steps-fold" aria-expanded=move || is_open.get().to_string() aria-controls=controls on:click=toggle>
            <Glyph icon=Icon::Chevron/>
            <span>{words::count(count, "step", "steps")}" of the engine"</span>
        </button>
        <div id=id class="steps-body" hidden=move || !is_open.get()>
            {move || is_open.get().then(|| view! { <Listed deployment=deployment.clone() rollout=rollout.clone() shown=shown/> })}
        </div>
    }
}

#[component]
fn Listed(deployment: DeploymentId, rollout: RolloutTold, shown: Shown) -> impl IntoView {
    let state = state();
    let steps = RwSignal::new(Vec::<HistoryEntry>::new());
    let next = RwSignal::new(Some(rollout.last.next().to_string()));
    let failure = RwSignal::new(None::<Failure>);
    let loading = RwSignal::new(false);
    let more = move || {
        let Some(cursor) = next.get_untracked() else { return };
        let (deployment, first) = (deployment.clone(), rollout.first);
        loading.set(true);
        failure.set(None);
        spawn_local(async move {
            match api::history::steps(&deployment, first, &cursor, PAGE).await {
                Ok(page) => {
                    steps.try_update(|steps| steps.extend(page.items));
                    next.try_set(page.next_cursor);
                }
                Err(refused) => {
                    failure.try_set(Some(state.noting(refused)));
                }
            }
            loading.try_set(false);
        });
    };
    more();
    let more = StoredValue::new_local(more);
    view! {
        <ol class="events" data-test="engine-steps">
            <For each=move || steps.get() key=|entry| entry.seq let:entry>
                <Line entry=entry shown=shown in_rollout=true/>
            </For>
        </ol>
        <Show when=move || loading.get() && steps.with(Vec::is_empty)><Skeleton lines=3/></Show>
        <Refused failure=failure/>
        <Show when=move || next.with(Option::is_some) && (!loading.get() || steps.with(|steps| !steps.is_empty()))>
            <button type="button" class="button quiet small" data-test="steps-more" disabled=move || loading.get() on:click=move |_| more.with_value(|more| more())>
                {move || if loading.get() { "Loading…" } else { "Show earlier steps" }}
            </button>
        </Show>
    }
}
