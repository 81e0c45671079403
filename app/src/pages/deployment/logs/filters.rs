//! The choices above the lines: replica, revision and level, long lines, the end, and a file of all.

use std::sync::Arc;

use domain::id::DeploymentName;
use domain::wire::LoggedReplica;
use leptos::prelude::*;

use super::chosen::{LEVELS, LogAddress};
use super::feed::{Feed, Flow};
use super::search::{Hits, LogSearch};
use crate::api;
use crate::components::{Choice, Glyph, Icon};
use crate::words::{self, times};

/// All choices.
#[component]
pub(super) fn Filters(
    name: DeploymentName,
    address: LogAddress,
    feed: Feed,
    hits: Hits,
    replicas: Memo<Arc<Vec<LoggedReplica>>>,
) -> impl IntoView {
    let revisions = Signal::derive(move || {
        let mut numbers: Vec<String> = replicas
            .with(|list| list.iter().filter_map(|replica| replica.revision).map(|n| n.0).collect::<Vec<_>>())
            .into_iter()
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .rev()
            .map(|number| number.to_string())
            .collect();
        let chosen = address.choice.with(|choice| choice.revision.clone());
        if !chosen.is_empty() && !numbers.contains(&chosen) {
            numbers.push(chosen);
        }
        let named = numbers.into_iter().map(|number| (number.clone(), format!("Revision {number}")));
        std::iter::once((String::new(), "All revisions".to_owned())).chain(named).collect::<Vec<_>>()
    });
    let levels: Vec<_> = LEVELS.iter().map(|(word, _, text)| ((*word).to_owned(), (*text).to_owned())).collect();
    let file = move || address.choice.with(|choice| api::logs::download(&name, choice));
    view! {
        <div class="filters log-filters">
            <ReplicaChoice address=address replicas=replicas/>
            <Choice label="Revision" name="log-revision" bare=true options=revisions value=Signal::derive(move || address.choice.with(|choice| choice.revision.clone())) on_choose=move |value| address.set_revision.run(value)/>
            <Choice label="Level" name="log-level" bare=true options=levels value=address.level on_choose=move |value| address.set_level.run(value)/>
            <LogSearch feed=feed hits=hits/>
            <span class="grow"></span>
            {move || (feed.flow.get() == Flow::Broken).then(|| view! { <span class="small second" role="status">"Reconnecting…"</span> })}
            <button type="button" class="button" data-test="log-wrap" aria-pressed=move || address.wraps.get().to_string() on:click=move |_| address.turn_wrap()>"Wrap lines"</button>
            <a class="button" href=file download="" rel="external" data-test="log-download"><Glyph icon=Icon::Download/>"Download"</a>
        </div>
    }
}

/// Every replica, one that is there, or one that has ended.
#[component]
fn ReplicaChoice(address: LogAddress, replicas: Memo<Arc<Vec<LoggedReplica>>>) -> impl IntoView {
    let chosen = Memo::new(move |_| address.choice.with(|choice| choice.replica.clone()));
    let option = move |replica: &LoggedReplica| {
        let (id, text) = (replica.id.to_string(), said(replica));
        let selected = chosen.with(|chosen| *chosen == id);
        view! { <option value=id selected=selected prop:selected=selected>{text}</option> }
    };
    let group = move |label: &'static str, ended: bool| {
        let list = replicas.get();
        let found: Vec<_> = list.iter().filter(|replica| replica.ended_at.is_some() == ended).map(option).collect();
        (!found.is_empty()).then(|| view! { <optgroup label=label>{found}</optgroup> })
    };
    let unknown = move || {
        let id = chosen.get();
        let known = id.is_empty() || replicas.with(|list| list.iter().any(|replica| replica.id.as_str() == id));
        (!known).then(|| view! { <option value=id.clone() selected=true prop:selected=true>{id.clone()}</option> })
    };
    let all = move || chosen.with(String::is_empty);
    view! {
        <div class="field">
            <label for="field-log-replica" class="visually-hidden">"Replica"</label>
            <select id="field-log-replica" name="log-replica" data-test="log-replica" on:change:target=move |event| address.set_replica.run(event.target().value())>
                <option value="" selected=all prop:selected=all>"All replicas"</option>
                {unknown}
                {move || group("Running", false)}
                {move || group("Ended", true)}
            </select>
        </div>
    }
}

/// A replica in a line: its id, its revision, and its state or when and why it ended.
fn said(replica: &LoggedReplica) -> String {
    let revision = replica.revision.map(|revision| format!(" · revision {revision}")).unwrap_or_default();
    let state = match (replica.ended_at, replica.state) {
        (Some(at), _) if replica.problem.is_some() => format!(" · failed, ended {}", times::day_and_minute(at)),
        (Some(at), _) => format!(" · ended {}", times::day_and_minute(at)),
        (None, Some(state)) => format!(" · {}", words::replica(state).0),
        (None, None) => String::new(),
    };
    format!("{}{revision}{state}", replica.id)
}
