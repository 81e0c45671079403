//! The verification of the history: has anybody changed an entry?

use domain::wire::Verification;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::api::{self, Failure};
use crate::components::{Banner, CopyButton};
use crate::pages::query_answer::Trouble;
use crate::state::state;
use crate::words::{self, Tone};

/// Checks the chain on demand (CO-8).
#[component]
pub(super) fn Verify() -> impl IntoView {
    let state = state();
    let outcome = RwSignal::new(None::<Result<Verification, Failure>>);
    let pending = RwSignal::new(false);
    let verify = move |_| {
        pending.set(true);
        spawn_local(async move {
            let answer = api::history::verify().await.map_err(|failure| state.noting(failure));
            outcome.try_set(Some(answer));
            pending.try_set(false);
        });
    };
    view! {
        <div class="verify">
            <p class="sub">"Every entry carries the hash of the one before it, so that any later change can be detected."</p>
            <button type="button" class="button" data-test="verify" disabled=move || pending.get() on:click=verify>
                {move || if pending.get() { "Verifying…" } else { "Verify" }}
            </button>
        </div>
        {move || outcome.get().map(|outcome| match outcome {
            Ok(found) => view! { <Verified found=found/> }.into_any(),
            Err(failure) => view! { <Trouble failure=failure/> }.into_any(),
        })}
    }
}

#[component]
fn Verified(found: Verification) -> impl IntoView {
    let count = words::count(usize::try_from(found.entries).unwrap_or(usize::MAX), "entry", "entries");
    let head = found.head.clone();
    let (tone, title, text) = match found.intact {
        true => (Tone::Good, "History is intact", format!("{count} checked, one by one.")),
        false => {
            let at = found
                .first_broken
                .map(|seq| format!("Entry {seq} is the first that does not match. "))
                .unwrap_or_default();
            (Tone::Bad, "The history was changed", format!("{at}{}", found.problem.clone().unwrap_or_default()))
        }
    };
    view! {
        <Banner tone=tone title=title name="verification">
            <p>{text}</p>
            {head.map(|head| view! {
                <p class="hash">"Hash of the last entry "<code>{head.clone()}</code><CopyButton text=head describes="Copy the hash of the last entry"/></p>
            })}
        </Banner>
    }
}
