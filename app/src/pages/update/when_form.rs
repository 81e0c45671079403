//! The choice of a time, and of an override where there is something to override.

use leptos::prelude::*;

use super::gate::{Gate, When};
use crate::api::href;
use crate::pages::chosen_time::{LATER, TimeFields};
use crate::pages::overriding::OverrideFields;

/// When it starts.
#[component]
pub(super) fn WhenInputs(gate: Gate) -> impl IntoView {
    let soon = move || if gate.needs_approval() { "When approved" } else { "Now" };
    let option = move |when: When, name: &'static str| {
        view! {
            <button
                type="button"
                data-test=name
                aria-pressed=move || (gate.when.get() == when).to_string()
                on:click=move |_| gate.when.set(when)
            >
                {move || match when {
                    When::Soon if gate.is_frozen() && !gate.needs_approval() => "After the freeze",
                    When::Soon => soon(),
                    When::At => "At a time",
                    When::ByHand => "By hand",
                }}
            </button>
        }
    };
    let about = move || match gate.when.get() {
        When::Soon => None,
        When::At => Some(LATER),
        When::ByHand => Some("An owner starts the change once everything that it needs is there."),
    };
    view! {
        <section class="when" data-test="when">
            <h3 class="section-title" id="when-title">"When"</h3>
            <div class="form">
                <div class="segments" role="group" aria-labelledby="when-title">
                    {option(When::Soon, "when-soon")}{option(When::At, "when-at")}{option(When::ByHand, "when-by-hand")}
                </div>
                <Show when=move || gate.when.get() == When::At>
                    <TimeFields choice=gate.time/>
                </Show>
            </div>
            {move || about().map(|about| view! { <p class="sub">{about}</p> })}
            <Overrides gate=gate/>
            <Others gate=gate/>
        </section>
    }
}

/// Break-glass, for whoever may.
#[component]
fn Overrides(gate: Gate) -> impl IntoView {
    let may = Memo::new(move |_| gate.may_override() && gate.edits.with_value(Option::is_none));
    view! {
        <Show when=move || may.get()>
            <OverrideFields choice=gate.overriding of=Signal::derive(move || gate.overridden())/>
        </Show>
    }
}

/// The other requests of the deployment.
#[component]
fn Others(gate: Gate) -> impl IntoView {
    move || {
        let open = gate.open.get();
        (!open.is_empty()).then(|| {
            let links = open
                .into_iter()
                .map(|request| view! { <li><a href=href(&format!("/approvals/{}", request.id))>{request.title}</a></li> })
                .collect_view();
            view! {
                <div class="quiet-box" data-test="open-requests">
                    <b>"There is a change request for this deployment already:"</b>
                    <ul>{links}</ul>
                    <span class="sub">"Whichever of the two starts first makes the other one stale."</span>
                </div>
            }
        })
    }
}
