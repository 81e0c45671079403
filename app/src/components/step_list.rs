//! The steps of a rollout, newest last, each with its reason and time.

use domain::wire::StepView;
use leptos::html;
use leptos::prelude::*;

use crate::words::{self, times};

/// Pixels from its end within which the list follows new steps.
const NEAR: i32 = 24;

/// A list that follows its end unless somebody has scrolled away from it.
#[component]
pub(crate) fn StepList(
    #[prop(into)] steps: Signal<Vec<StepView>>,
    /// True while the last one is in progress.
    #[prop(into)]
    active: Signal<bool>,
) -> impl IntoView {
    let list = NodeRef::<html::Ol>::new();
    let numbered = move || {
        let steps = steps.get();
        let last = steps.len().saturating_sub(1);
        let active = active.get();
        steps.into_iter().enumerate().map(|(i, step)| (i, active && i == last, step)).collect::<Vec<_>>()
    };
    let follows = RwSignal::new(true);
    let scrolled = move |_| {
        // It may come when the list is gone already.
        if let Some(list) = list.try_get_untracked().flatten() {
            follows.set(list.scroll_height() - list.scroll_top() - list.client_height() < NEAR);
        }
    };
    Effect::new(move |_| {
        steps.track();
        if let Some(list) = list.get().filter(|_| follows.get_untracked()) {
            request_animation_frame(move || list.set_scroll_top(list.scroll_height()));
        }
    });
    view! {
        <ol class="steps" node_ref=list data-test="steps" on:scroll=scrolled tabindex="0" aria-label="Steps">
            <For
                each=numbered
                key=|(i, now, step)| (*i, *now, step.at, step.kind.clone(), step.reason.clone())
                let((_, now, step))
            >
                <li class:now=now data-test="step" data-kind=step.kind.to_string()>
                    <time datetime=step.at.to_string() title=times::exact(step.at)>{times::clock(step.at)}</time>
                    <i class="dot" aria-hidden="true"></i>
                    <span title=step.replica.as_ref().map(|id| format!("replica {id}"))>
                        <b>{words::step(&step.kind)}</b>": "{step.reason}
                    </span>
                </li>
            </For>
        </ol>
    }
}
