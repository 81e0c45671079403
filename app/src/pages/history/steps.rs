//! The engine's steps of a rollout: a number that opens, and is read then. Which are open stands in the address.

use domain::id::{DeploymentId, Seq};
use domain::wire::{HistoryEntry, RolloutTold};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::line::{Line, LineNeeds};
use crate::api::{self, Failure};
use crate::components::{Glyph, Icon, Skeleton};
use crate::pages::in_address::{parameter, parameter_setter};
use crate::pages::query_answer::Refused;
use crate::state::{State, state};
use crate::words;

/// Steps that one question brings.
const PAGE: u32 = 200;
/// The most rollouts that are open in the address.
const OPEN: usize = 8;

/// The number of steps, and when it is open the steps, newest first.
#[component]
pub(super) fn Steps(deployment: DeploymentId, rollout: Memo<RolloutTold>, shown: LineNeeds) -> impl IntoView {
    let open = parameter("steps");
    let set_open = parameter_setter("steps");
    let number = rollout.with_untracked(|rollout| rollout.number);
    let mine = format!("{deployment}.{number}");
    let controls = format!("steps-{deployment}-{number}");
    let count = move || usize::try_from(rollout.with(|rollout| rollout.steps)).unwrap_or(usize::MAX);
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
        <button
            type="button"
            class="fold-line"
            data-test="steps-fold"
            hidden=move || count() == 0
            aria-expanded=move || is_open.get().to_string()
            aria-controls=controls
            on:click=toggle
        >
            <Glyph icon=Icon::Chevron/>
            <span>{move || words::count(count(), "step", "steps")}" of the engine"</span>
        </button>
        <div id=id class="steps-body" hidden=move || !is_open.get()>
            {move || is_open.get().then(|| view! { <Listed deployment=deployment.clone() rollout=rollout shown=shown/> })}
        </div>
    }
}

/// The steps that were read, without gaps.
#[derive(Clone, Copy)]
struct ReadSteps {
    state: State,
    deployment: StoredValue<DeploymentId>,
    steps: RwSignal<Vec<HistoryEntry>>,
    /// The cursor of earlier ones.
    next: RwSignal<Option<String>>,
    failure: RwSignal<Option<Failure>>,
    loading: RwSignal<bool>,
}

impl ReadSteps {
    /// Reads those from `first` on before `cursor`, which stand behind those that are known, or before them.
    fn ask(self, first: Seq, cursor: String, are_newer: bool) {
        let Some(deployment) = self.deployment.try_get_value() else { return };
        self.loading.set(true);
        self.failure.set(None);
        spawn_local(async move {
            match api::history::steps(&deployment, first, &cursor, PAGE).await {
                Ok(page) if are_newer && page.next_cursor.is_none() => {
                    self.steps.try_update(|steps| drop(steps.splice(0..0, page.items)));
                }
                // So many are new that there may be others between: what is known begins anew.
                Ok(page) if are_newer => {
                    self.steps.try_set(page.items);
                    self.next.try_set(page.next_cursor);
                }
                Ok(page) => {
                    self.steps.try_update(|steps| steps.extend(page.items));
                    self.next.try_set(page.next_cursor);
                }
                Err(refused) => {
                    self.failure.try_set(Some(self.state.noting(refused)));
                }
            }
            self.loading.try_set(false);
        });
    }
}

#[component]
fn Listed(deployment: DeploymentId, rollout: Memo<RolloutTold>, shown: LineNeeds) -> impl IntoView {
    let read = ReadSteps {
        state: state(),
        deployment: StoredValue::new(deployment),
        steps: RwSignal::new(Vec::new()),
        next: RwSignal::new(None),
        failure: RwSignal::new(None),
        loading: RwSignal::new(false),
    };
    let first = move || rollout.with_untracked(|rollout| rollout.first);
    // What happens meanwhile comes before what was read.
    Effect::new(move |before: Option<Seq>| {
        let last = rollout.with(|rollout| rollout.last);
        match before {
            Some(before) if last > before => read.ask(before.next(), last.next().to_string(), true),
            Some(_) => {}
            None => read.ask(first(), last.next().to_string(), false),
        }
        last
    });
    let more = move |_| {
        if let Some(cursor) = read.next.get_untracked() {
            read.ask(first(), cursor, false);
        }
    };
    view! {
        <ol class="events" data-test="engine-steps">
            <For each=move || read.steps.get() key=|entry| entry.seq let:entry>
                <Line entry=entry shown=shown in_rollout=true/>
            </For>
        </ol>
        <Show when=move || read.loading.get() && read.steps.with(Vec::is_empty)><Skeleton lines=3/></Show>
        <Refused failure=read.failure/>
        <Show when=move || read.next.with(Option::is_some)>
            <button type="button" class="button quiet small" data-test="steps-more" disabled=move || read.loading.get() on:click=more>
                {move || if read.loading.get() { "Loading…" } else { "Show earlier steps" }}
            </button>
        </Show>
    }
}
