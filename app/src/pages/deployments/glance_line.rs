//! What moves, what is dead, what could be better, at a glance.

use leptos::prelude::*;

use super::listing::{Filter, Glance};
use crate::api::href;
use crate::words;

/// What moves, what is dead, what could be better: each a filter.
#[component]
pub(super) fn GlanceLine(glance: Memo<Glance>, filter: Memo<Filter>) -> impl IntoView {
    let item = move |key: &'static str,
                     count: fn(&Glance) -> usize,
                     what: &'static str,
                     tone: &'static str,
                     always: bool| {
        let chosen = move || filter.with(|filter| filter.status.as_deref() == Some(key));
        let href = move || href(&if chosen() { "/".to_owned() } else { format!("/?status={key}") });
        let number = Memo::new(move |_| glance.with(count));
        move || {
            (always || number.get() > 0 || chosen()).then(|| {
                let tone = if number.get() > 0 { tone } else { "" };
                view! {
                    <a href=href class="glance-item" aria-current=move || chosen().then_some("true") data-test=format!("glance-{key}")>
                        <b class=tone>{words::numbers::whole(number.get() as u64)}</b>
                        {what}
                    </a>
                }
            })
        }
    };
    view! {
        <div class="glance">
            {item("moving", |glance| glance.moving, "moving", "moving", true)}
            {item("dead", |glance| glance.dead, "dead", "bad", true)}
            {item("unhealthy", |glance| glance.unhealthy, "not ready", "warning", false)}
            {item("running", |glance| glance.running, "running", "", true)}
            {item("outdated", |glance| glance.outdated, "newer model", "moving", false)}
        </div>
    }
}
