//! The logs of the replicas: by replica, searchable, following.

use domain::id::ReplicaId;
use domain::wire::LogLine;
use leptos::html;
use leptos::prelude::*;

use super::subject::Subject;
use crate::api;
use crate::components::{Choice, SearchBox};
use crate::pages::query_answer::QueryAnswer;
use crate::state::Query;
use crate::words;

/// Milliseconds between two looks.
const AGAIN_MS: u32 = 1_500;
/// Lines that are read.
const LINES: u32 = 500;
/// Pixels from its end within which the view follows new lines.
const NEAR: i32 = 32;

/// The tab.
#[component]
pub(crate) fn LogsTab() -> impl IntoView {
    let subject: Subject = expect_context();
    let replica = RwSignal::new(String::new());
    let search = RwSignal::new(String::new());
    let follows = RwSignal::new(true);
    let pane = NodeRef::<html::Div>::new();
    let query = Query::whenever(
        move || replica.track(),
        move || {
            let replica = replica.get_untracked().parse::<ReplicaId>().ok();
            async move { api::deployments::logs(&subject.name(), replica.as_ref(), LINES).await }
        },
    );
    query.ask_every(AGAIN_MS, move || follows.try_get_untracked() == Some(true));
    Effect::new(move |_| {
        let _ = query.value();
        search.track();
        if follows.get() {
            request_animation_frame(move || {
                if let Some(pane) = pane.try_get_untracked().flatten() {
                    pane.set_scroll_top(pane.scroll_height());
                }
            });
        }
    });
    let scrolled = move |_| {
        // It may come when the tab is gone already.
        if let Some(pane) = pane.try_get_untracked().flatten() {
            follows.set(pane.scroll_height() - pane.scroll_top() - pane.client_height() < NEAR);
        }
    };
    let replicas = Signal::derive(move || {
        let mut options = vec![(String::new(), "All replicas".to_owned())];
        let list =
            subject.view.with(|view| view.as_ref().and_then(|view| view.replica_list.clone()).unwrap_or_default());
        options.extend(list.into_iter().map(|replica| {
            let (state, _) = words::replica(replica.state);
            (replica.id.to_string(), format!("{} · revision {} · {state}", replica.id, replica.revision))
        }));
        options
    });
    let draw = move |lines: std::sync::Arc<Vec<LogLine>>| {
        view! {
                    {move || {
                        let words = search.get().to_lowercase();
                        let fitting: Vec<_> = lines.iter().filter(|line| words.is_empty() || line.line.to_lowercase().contains(&words)).collect();
                        if fitting.is_empty() {
                            let why = if words.is_empty() { "No replica has written a log line yet." } else { "No log line matches the search." };
                            return view! { <p class="sub none">{why}</p> }.into_any();
                        }
                        fitting
                            .into_iter()
                            .map(|line| view! { <div class="line"><span class="by">{short(&line.replica)}</span><span>{line.line.clone()}</span></div> })
                            .collect_view()
                            .into_any()
                    }}
                }.into_any()
    };
    view! {
        <section class="card logs">
            <div class="filters">
                <SearchBox label="Search the logs" placeholder="Search the logs" typed=search/>
                <Choice label="Replica" name="log-replica" bare=true options=replicas value=replica on_choose=move |value| replica.set(value)/>
                <span class="grow"></span>
                <label class="check">
                    <input type="checkbox" prop:checked=move || follows.get() on:change:target=move |event| follows.set(event.target().checked())/>
                    "Follow"
                </label>
            </div>
            <div node_ref=pane class="lines" tabindex="0" role="log" aria-label="Log lines" aria-live="off" on:scroll=scrolled data-test="logs">
                <QueryAnswer query=query lines=8 draw=draw/>
            </div>
        </section>
    }
}

/// Enough of an id to tell replicas apart.
fn short(replica: &ReplicaId) -> String {
    let text = replica.as_str();
    let from = text.len().saturating_sub(8);
    text.get(from..).unwrap_or(text).to_owned()
}
