//! The numbers of deployments that need attention, move or could be updated, each a filter.

use leptos::prelude::*;

use super::listing::{Filter, StatusCounts};
use crate::api::href;
use crate::words;

/// One chip for each number.
#[component]
pub(super) fn StatusChips(counts: Memo<StatusCounts>, filter: Memo<Filter>) -> impl IntoView {
    let item = move |key: &'static str,
                     count: fn(&StatusCounts) -> usize,
                     what: &'static str,
                     tone: &'static str,
                     always: bool| {
        let chosen = move || filter.with(|filter| filter.status.as_deref() == Some(key));
        let href = move || href(&if chosen() { "/".to_owned() } else { format!("/?status={key}") });
        let number = Memo::new(move |_| counts.with(count));
        move || {
            (always || number.get() > 0 || chosen()).then(|| {
                let tone = if number.get() > 0 { tone } else { "" };
                view! {
                    <a href=href class="chip" aria-current=move || chosen().then_some("true") data-test=format!("count-{key}")>
                        <b class=tone>{words::numbers::whole(number.get() as u64)}</b>
                        {what}
                    </a>
                }
            })
        }
    };
    view! {
        <div class="chips">
            {item("attention", |counts| counts.attention, "need attention", "bad", true)}
            {item("moving", |counts| counts.moving, "moving", "moving", true)}
            {item("running", |counts| counts.running, "running", "", true)}
            {item("outdated", |counts| counts.outdated, "update available", "moving", false)}
        </div>
    }
}
