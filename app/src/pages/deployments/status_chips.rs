//! The numbers of deployments that need attention, move or could be updated, each a filter.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;

use super::listing::{Filter, StatusCounts};
use crate::api::href;
use crate::words;

/// One chip for each number. A chip keeps the search, the order and the other filters.
#[component]
pub(super) fn StatusChips(counts: Memo<StatusCounts>, filter: Memo<Filter>) -> impl IntoView {
    let query = use_query_map();
    let item = move |key: &'static str, what: &'static str, tone: &'static str, count: fn(&StatusCounts) -> usize| {
        let chosen = move || filter.with(|filter| filter.status.as_deref().unwrap_or_default() == key);
        let address = move || {
            let mut to: ParamsMap = query.get();
            to.remove("status");
            if !key.is_empty() && !chosen() {
                to.insert("status".to_owned(), key.to_owned());
            }
            href(&format!("/{}", to.to_query_string()))
        };
        let number = Memo::new(move |_| counts.with(count));
        let class = move || if number.get() == 0 { "facet".to_owned() } else { format!("facet {tone}") };
        let name = if key.is_empty() { "count-all".to_owned() } else { format!("count-{key}") };
        view! {
            <a
                class=class
                href=address
                aria-current=move || chosen().then_some("true")
                data-test=name
                data-noscroll=""
            >
                {what}" "<b>{move || words::numbers::whole(number.get() as u64)}</b>
            </a>
        }
    };
    view! {
        <div class="facets" role="group" aria-label="Filters">
            {item("", "All", "", |counts| counts.all)}
            {item("attention", "Needs attention", "bad", |counts| counts.attention)}
            {item("moving", "Moving", "moving", |counts| counts.moving)}
            {item("stopped", "Stopped", "", |counts| counts.stopped)}
            {item("outdated", "Update available", "", |counts| counts.outdated)}
        </div>
    }
}
