//! The choice of a time, and of an override where there is something to override.

use domain::local_time::{Ambiguity, LocalTimeError};
use jiff::Timestamp;
use leptos::prelude::*;

use super::gate::{Gate, When};
use crate::api::href;
use crate::components::{Banner, Field};
use crate::pages::overriding::OverrideFields;
use crate::words::{Tone, zones};

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
        When::At => Some("It may start up to an hour later, if something keeps it from starting; then it expires."),
        When::ByHand => Some("An owner starts it, when everything that it needs is there."),
    };
    view! {
        <section class="when" data-test="when">
            <h3 class="section-title" id="when-title">"When"</h3>
            <div class="form">
                <div class="segments" role="group" aria-labelledby="when-title">
                    {option(When::Soon, "when-soon")}{option(When::At, "when-at")}{option(When::ByHand, "when-by-hand")}
                </div>
                <Show when=move || gate.when.get() == When::At>
                    <LocalTime gate=gate/>
                </Show>
            </div>
            {move || about().map(|about| view! { <p class="sub">{about}</p> })}
            <Overrides gate=gate/>
            <Others gate=gate/>
        </section>
    }
}

/// A local time with its zone, and both instants where the clocks change over it.
#[component]
fn LocalTime(gate: Gate) -> impl IntoView {
    // Another time is another choice.
    Effect::new(move |before: Option<(String, String)>| {
        let now = (gate.local.get(), gate.zone.get());
        if before.is_some_and(|before| before != now) {
            gate.exact.set(None);
        }
        now
    });
    let wrong_zone = Signal::derive(move || match gate.instant() {
        Some(Err(LocalTimeError::UnknownZone(_))) => Some("such as Europe/Berlin".to_owned()),
        _ => None,
    });
    let ambiguous = Memo::new(move |_| match gate.instant() {
        Some(Err(LocalTimeError::Ambiguous { ambiguity, first, second, .. })) => Some((ambiguity, first, second)),
        _ => None,
    });
    let mine = move || {
        let at = gate.instant()?.ok()?;
        let (name, zone) = zones::own_zone();
        (name != gate.zone.get()).then(|| format!("{} for you", zones::moment(at, &zone)))
    };
    let choice = move |at: Timestamp, name: &'static str| {
        let zone = zones::named(&gate.zone.get_untracked());
        let offset = zone.to_offset(at);
        view! {
            <button type="button" class="button" data-test=name on:click=move |_| gate.exact.set(Some(at))>
                {format!("{} (UTC{offset})", zones::moment(at, &zone))}
            </button>
        }
    };
    view! {
        <Field label="Day and time" name="apply-at" value=gate.local kind="datetime-local" class="moment-field"/>
        <Field label="Time zone" name="apply-zone" value=gate.zone error=wrong_zone class="short zone-field"/>
        {move || mine().map(|mine| view! { <span class="sub mine">{mine}</span> })}
        {move || ambiguous.get().map(|(ambiguity, first, second)| {
            let title = match ambiguity {
                Ambiguity::Twice => "The clocks go back over this time: it comes twice",
                Ambiguity::Never => "The clocks go forward over this time: it never comes",
            };
            view! {
                <Banner tone=Tone::Warning title=title name="ambiguous-time">
                    <p>"Choose the time that is meant."</p>
                    <div class="actions">{choice(first, "first-instant")}{choice(second, "second-instant")}</div>
                </Banner>
            }
        })}
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
                    <b>"Somebody has asked for a change already:"</b>
                    <ul>{links}</ul>
                    <span class="sub">"What starts first makes the other one stale."</span>
                </div>
            }
        })
    }
}
