//! The obstacles to an update, and the warnings before it.

use leptos::prelude::*;

use super::draft::Draft;
use super::server_preview::{DRAIN_FIRST, Rehearsed};
use crate::components::{Banner, Field};
use crate::words::Tone;

fn serve(lowest: u32) -> String {
    match lowest {
        0 => "No replica serves meanwhile.".to_owned(),
        1 => "At least 1 replica serves meanwhile.".to_owned(),
        lowest => format!("At least {lowest} replicas serve meanwhile."),
    }
}

/// The obstacles and warnings, with the way out where there is one.
#[component]
pub(crate) fn Obstacles(draft: Draft) -> impl IntoView {
    let answered = Memo::new(move |_| draft.preview.now());
    let of = move |part: fn(&Rehearsed) -> Option<String>| {
        Memo::new(move |_| answered.with(|answered| answered.as_ref().and_then(part)))
    };
    let bad = of(|answered| {
        let bad = answered.rehearsed.quarantined.as_ref()?;
        Some(format!("Revision {} has the same content and was quarantined: {}", bad.revision, bad.reason))
    });
    let no_room = of(|answered| answered.rehearsed.no_room.clone());
    let not_enforced = of(|answered| {
        let limits = &answered.rehearsed.not_enforced;
        (!limits.is_empty()).then(|| limits.join(" "))
    });
    let drained = Memo::new(move |_| answered.with(|answered| answered.as_ref()?.drained));
    let drain_first = move |_| draft.strategy.set_limits(DRAIN_FIRST.0, DRAIN_FIRST.1);
    let is_bad = Memo::new(move |_| bad.with(Option::is_some));
    view! {
        {move || no_room.get().map(|sentence| view! {
            <Banner tone=Tone::Bad title="No room on the machine" name="no-room">
                <p>{sentence}</p>
                {move || drained.get().map(|lowest| view! {
                    <div class="actions">
                        <button type="button" class="button" data-test="drain-first" on:click=drain_first>"Drain first, then replace"</button>
                        <span class="sub">{serve(lowest)}</span>
                    </div>
                })}
            </Banner>
        })}
        {move || not_enforced.get().map(|sentence| view! {
            <Banner tone=Tone::Warning title="Limits that are not enforced" name="not-enforced"><p>{sentence}</p></Banner>
        })}
        <Show when=move || is_bad.get()>
            <Banner tone=Tone::Warning title="Known to be bad" name="known-bad">
                <p>{move || bad.get()}</p>
                <Field label="Why try it again?" name="quarantine_override" value=draft.why_again placeholder="Your answer is kept in the history"/>
            </Banner>
        </Show>
    }
}
