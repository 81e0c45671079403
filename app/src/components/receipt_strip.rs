//! A rollout's receipt so far, as a strip of counts.

use domain::id::RevisionNumber;
use domain::wire::Receipt;
use leptos::prelude::*;

use crate::words::numbers;

/// The counts of the gateway. Its revisions are given with the words that people know them by.
#[component]
pub(crate) fn ReceiptStrip(
    #[prop(into)] receipt: Signal<Receipt>,
    /// The revisions, old first, with their words.
    #[prop(into)]
    revisions: Signal<Vec<(RevisionNumber, String)>>,
) -> impl IntoView {
    let total = move || receipt.with(|receipt| receipt.total);
    let fact = |label: &'static str, name: &'static str, value: Signal<String>| {
        view! { <div><span class="sub">{label}</span><b data-test=format!("receipt-{name}")>{value}</b></div> }
    };
    let count = move |pick: fn(&domain::wire::Counts) -> u64| Signal::derive(move || numbers::whole(pick(&total())));
    let longest = Signal::derive(move || match total() {
        counts if counts.drained > 0 || counts.longest_drain_ms > 0 => numbers::millis(counts.longest_drain_ms as f64),
        _ => "–".to_owned(),
    });
    let failed = move || total().failed;
    view! {
        <div class="strip" role="group" aria-label="Receipt so far" data-test="receipt">
            {fact("answered", "answered", count(|counts| counts.answered))}
            {move || revisions.get().into_iter().map(|(number, words)| {
                let by = move || receipt.with(|receipt| receipt.by_revision.get(&number).map_or(0, |counts| counts.answered));
                view! { <div><span class="sub">{format!("by {words}")}</span><b>{move || numbers::whole(by())}</b></div> }
            }).collect_view()}
            <div>
                <span class="sub">"failed"</span>
                <b class:good=move || failed() == 0 class:bad=move || failed() != 0 data-test="receipt-failed">{move || numbers::whole(failed())}</b>
            </div>
            {fact("retried", "retried", count(|counts| counts.retried))}
            {fact("drained", "drained", count(|counts| counts.drained))}
            {fact("longest drain", "longest-drain", longest)}
        </div>
    }
}
