//! The verification of the history in one line: has anybody changed an entry?

use std::cell::RefCell;

use domain::wire::Verification;
use jiff::Timestamp;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::api;
use crate::components::{Banner, CopyButton, Glyph, Icon};
use crate::pages::query_answer::Refused;
use crate::state::state;
use crate::words::{self, Tone, times};

/// What a verification found, and when.
#[derive(Clone, PartialEq)]
struct Verified {
    found: Verification,
    at: Timestamp,
}

thread_local! {
    // Nobody takes a broken history for an intact one because they looked at another page meanwhile.
    static LAST: RefCell<Option<Verified>> = const { RefCell::new(None) };
}

/// Letters of a hash that are shown at either end.
const SHOWN: usize = 8;

/// Checks the chain on demand (CO-8).
#[component]
pub(super) fn Verify() -> impl IntoView {
    let state = state();
    let outcome = RwSignal::new(LAST.with_borrow(Clone::clone));
    let failure = RwSignal::new(None);
    let pending = RwSignal::new(false);
    let verify = move |_| {
        pending.set(true);
        failure.set(None);
        spawn_local(async move {
            match api::history::verify().await {
                Ok(found) => {
                    let verified = Some(Verified { found, at: Timestamp::now() });
                    LAST.set(verified.clone());
                    outcome.try_set(verified);
                }
                Err(refused) => {
                    failure.try_set(Some(state.noting(refused)));
                }
            }
            pending.try_set(false);
        });
    };
    let label = move || match (pending.get(), outcome.with(Option::is_some)) {
        (true, _) => "Verifying…",
        (false, true) => "Verify again",
        (false, false) => "Verify",
    };
    view! {
        <div class="intact">
            <span class="intact-line" data-test="verification" role="status">
                {move || match outcome.get() {
                    Some(verified) => view! { <Line verified=verified/> }.into_any(),
                    None => view! { <span class="small second">"Every entry carries the hash of the one before."</span> }.into_any(),
                }}
            </span>
            <button type="button" class="button quiet small" data-test="verify" disabled=move || pending.get() on:click=verify>{label}</button>
        </div>
        <Refused failure=failure/>
        {move || outcome.get().filter(|verified| !verified.found.intact).map(|verified| {
            let first = verified.found.first_broken;
            let title = first.map_or_else(
                || "The history was changed".to_owned(),
                |seq| format!("Entry {seq} is the first that does not fit"),
            );
            view! {
                <Banner tone=Tone::Bad title=title name="broken"><p>{verified.found.problem.unwrap_or_default()}</p></Banner>
            }
        })}
    }
}

#[component]
fn Line(verified: Verified) -> impl IntoView {
    let Verified { found, at } = verified;
    let count = words::count(usize::try_from(found.entries).unwrap_or(usize::MAX), "entry", "entries");
    let (icon, tone, state) = match found.intact {
        true => (Icon::Check, "good", "History is intact."),
        false => (Icon::Stop, "bad", "History is broken."),
    };
    let head = found.head.map(|head| {
        let copied = head.clone();
        view! { ", head "<code title=head.clone()>{short(&head)}</code><CopyButton text=copied describes="Copy the hash of the last entry"/> }
    });
    view! {
        <span class=tone><Glyph icon=icon/></span>
        <span class="small">
            <b class=if found.intact { "" } else { "bad" }>{state}</b>" "
            <span class="second">
                {count}" verified at "<time datetime=at.to_string() title=times::exact(at)>{times::minute(at)}</time>{head}
            </span>
        </span>
    }
}

/// `dd1836ec…b974`
fn short(hash: &str) -> String {
    let letters: Vec<char> = hash.chars().collect();
    if letters.len() <= 2 * SHOWN {
        return hash.to_owned();
    }
    let (begin, end) = (&letters[..SHOWN], &letters[letters.len() - SHOWN / 2..]);
    format!("{}…{}", begin.iter().collect::<String>(), end.iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn a_hash_is_shown_by_its_ends() {
        assert_eq!(short("dd1836ec77aa00112233b974"), "dd1836ec…b974");
        assert_eq!(short("changeover"), "changeover");
    }
}
