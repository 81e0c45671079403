//! Approvals as squares: those that were given, and those that are needed.

use leptos::prelude::*;

/// *1 of 2*, drawn and written.
#[component]
pub(crate) fn Votes(given: usize, needed: usize) -> impl IntoView {
    let label = format!("{given} of {needed} approvals");
    let squares = (0..needed).map(|at| view! { <i class:given=at < given></i> }).collect_view();
    view! {
        <span class="votes" role="img" aria-label=label>{squares}</span>
        <span class="sub second-line" aria-hidden="true">{format!("{given} of {needed}")}</span>
    }
}
