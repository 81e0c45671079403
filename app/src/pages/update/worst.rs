//! The line beside the buttons: the worst fact of the plan, and who has to agree to it.

use leptos::prelude::*;

use super::draft::Draft;
use super::gate::Gate;
use crate::components::{Glyph, Icon};

/// The line. It is there only where a policy or a freeze has something to say.
#[component]
pub(super) fn Worst(draft: Draft, gate: Gate, #[prop(into)] blocked: Signal<Option<String>>) -> impl IntoView {
    let missing = Memo::new(move |_| {
        let (rehearsal, desired) = draft.rehearsal()?;
        Some((rehearsal.lowest_available.min(desired), desired))
    });
    let fact = move || match missing.get()? {
        (lowest, desired) if lowest >= desired => Some(("good", Icon::Check, "No replica will be missing".to_owned())),
        (0, _) => Some(("bad", Icon::Stop, "Nothing will answer for a while".to_owned())),
        (lowest, desired) => {
            Some(("warning", Icon::Warning, format!("{} of {desired} replicas will be missing", desired - lowest)))
        }
    };
    move || {
        let asks = gate.asks();
        if asks.is_empty() || blocked.with(Option::is_some) {
            return None;
        }
        let (tone, icon, text) = fact()?;
        Some(view! {
            <div class=format!("worst {tone}") data-test="asks">
                <Glyph icon=icon/>
                <div><b>{text}</b><span class="sub">{asks.join(" ")}</span></div>
            </div>
        })
    }
}
