//! A rollout's receipt: the gateway's count of its requests by their outcome.

use domain::wire::{Counts, Receipt};
use leptos::prelude::*;

use crate::words::numbers;

/// The counts as a whole, and by revision where there are two.
#[component]
pub(crate) fn ReceiptTable(receipt: Receipt) -> impl IntoView {
    let by_revision: Vec<_> = receipt.by_revision.iter().map(|(number, counts)| (*number, *counts)).collect();
    let columns = if by_revision.len() > 1 { by_revision } else { Vec::new() };
    let total = receipt.total;
    let row = |label: &'static str, name: &'static str, count: fn(&Counts) -> u64, each: bool| {
        let value = count(&total);
        let tone = match (name, value) {
            ("failed", 0) => "good",
            ("failed", _) => "bad",
            _ => "",
        };
        let cells = columns
            .iter()
            .map(|(_, counts)| {
                let text = if each { numbers::whole(count(counts)) } else { String::new() };
                view! { <td class="number sub">{text}</td> }
            })
            .collect_view();
        view! {
            <tr>
                <th scope="row">{label}</th>
                {cells}
                <td class="number"><b class=tone data-test=format!("receipt-{name}")>{numbers::whole(value)}</b></td>
            </tr>
        }
    };
    let head = (!columns.is_empty()).then(|| {
        let names = columns.iter().map(|(number, _)| view! { <th scope="col" class="number">"revision "{number.0}</th> });
        view! {
            <thead>
                <tr><th scope="col"><span class="visually-hidden">"Count"</span></th>{names.collect_view()}<th scope="col" class="number">"all"</th></tr>
            </thead>
        }
    });
    let gaps = columns.iter().map(|_| view! { <td></td> }).collect_view();
    let longest =
        (total.drained > 0 || total.longest_drain_ms > 0).then(|| numbers::millis(total.longest_drain_ms as f64));
    view! {
        <table class="facts receipt" data-test="receipt">
            {head}
            <tbody>
                {row("answered", "answered", |counts| counts.answered, true)}
                {row("failed", "failed", |counts| counts.failed, true)}
                {(total.cut > 0).then(|| row("cut off midway", "cut", |counts| counts.cut, true))}
                {row("retried on another replica", "retried", |counts| counts.retried, true)}
                {row("drained", "drained", |counts| counts.drained, true)}
                <tr>
                    <th scope="row">"longest drain"</th>
                    {gaps}
                    <td class="number"><b data-test="receipt-longest-drain">{longest.unwrap_or_else(|| "–".to_owned())}</b></td>
                </tr>
            </tbody>
        </table>
    }
}
