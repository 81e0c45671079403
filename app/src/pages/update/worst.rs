//! The line beside the buttons: the worst fact of the plan with the click that avoids it, and who has to agree to it.

use domain::rehearsal::Rehearsal;
use domain::strategy::Preset;
use leptos::prelude::*;

use super::draft::Draft;
use super::gate::Gate;
use crate::components::{Glyph, Icon};
use crate::words::numbers;

/// The worst that the plan does.
#[derive(Clone, Debug, PartialEq)]
struct Fact {
    tone: &'static str,
    icon: Icon,
    text: String,
    about: Option<String>,
}

impl Fact {
    /// Of a plan that ends with `desired` replicas; `answers` where somebody could miss one.
    fn of(plan: &Rehearsal, desired: u32, answers: bool) -> Self {
        let missing = desired.saturating_sub(plan.lowest_available);
        let about = |least| format!("For about {}.", numbers::millis(plan.below_ms(least) as f64));
        if !answers || missing == 0 {
            let text = if answers { "No replica will be missing" } else { "Nothing answers yet" };
            let icon = if answers { Icon::Check } else { Icon::Question };
            return Self { tone: if answers { "good" } else { "plain" }, icon, text: text.to_owned(), about: None };
        }
        if plan.lowest_available == 0 {
            let text = format!("Nothing will answer for about {}", numbers::millis(plan.below_ms(1) as f64));
            let about = (desired == 1).then(|| "The only replica is stopped before the new one is ready.".to_owned());
            return Self { tone: "bad", icon: Icon::Stop, text, about };
        }
        let verb = if missing == 1 { "is" } else { "are" };
        let text = format!("{missing} of {desired} replicas {verb} missing meanwhile");
        Self { tone: "warning", icon: Icon::Warning, text, about: Some(about(desired)) }
    }
}

/// The line.
#[component]
pub(super) fn Worst(draft: Draft, gate: Gate) -> impl IntoView {
    let fact = Memo::new(move |_| {
        let (plan, desired) = draft.rehearsal()?;
        let answers = draft.view.with(|view| view.as_ref().is_some_and(|view| view.replicas.ready > 0));
        Some(Fact::of(&plan, desired, answers))
    });
    let safe = move |_| {
        let (surge, unavailable) = Preset::Safe.limits();
        draft.strategy.set_limits(surge, unavailable);
    };
    move || {
        let fact = fact.get()?;
        let asks = gate.asks();
        let avoidable = matches!(fact.tone, "warning" | "bad");
        Some(view! {
            <div class=format!("worst {}", fact.tone) data-test="worst">
                <Glyph icon=fact.icon/>
                <div>
                    <b>{fact.text}</b>
                    <span class="sub">
                        {fact.about}
                        {avoidable.then(|| view! {
                            " "<button type="button" class="link-button inline" data-test="use-safe" on:click=safe>"Use 1 extra replica instead"</button>
                        })}
                    </span>
                    {(!asks.is_empty()).then(|| view! { <span class="sub" data-test="asks">{asks.join(" ")}</span> })}
                </div>
            </div>
        })
    }
}
