//! The entries, newest first; each opens to what is recorded of it.

use std::collections::HashMap;

use domain::id::{DeploymentId, DeploymentName};
use domain::wire::HistoryEntry;
use leptos::prelude::*;

use crate::api::href;
use crate::components::{Ago, CopyButton, Empty, Glyph, Icon};
use crate::state::state;
use crate::words::times;

/// A list of entries with the deployments that they are about.
#[component]
pub(super) fn Entries(
    shown: Memo<Vec<HistoryEntry>>,
    names: Memo<HashMap<DeploymentId, DeploymentName>>,
) -> impl IntoView {
    let nothing = Memo::new(move |_| shown.with(Vec::is_empty));
    view! {
        {move || nothing.get().then(|| view! { <Empty title="No entries"><p>"Everything that people and the engine do appears here, newest first."</p></Empty> })}
        <ol class="history">
            <For each=move || shown.get() key=|entry| entry.seq let:entry>
                <Entry entry=entry names=names/>
            </For>
        </ol>
    }
}

#[component]
fn Entry(entry: HistoryEntry, names: Memo<HashMap<DeploymentId, DeploymentName>>) -> impl IntoView {
    let state = state();
    let open = RwSignal::new(false);
    let id = entry.deployment.clone();
    let about = move || {
        let id = id.as_ref()?;
        Some(match names.with(|names| names.get(id).cloned()) {
            Some(name) => view! { <a href=href(&format!("/deployments/{name}"))>{name.to_string()}</a> }.into_any(),
            None => view! { <span class="sub">"deleted deployment"</span> }.into_any(),
        })
    };
    let seq = entry.seq;
    let recorded = serde_json::to_string_pretty(&entry.event).unwrap_or_default();
    let hash = entry.hash.clone();
    let at = entry.at;
    let actor = entry.actor.clone();
    let (kind, kept) = (entry.kind.to_string(), entry.kind.to_string());
    view! {
        <li data-test="entry" data-kind=kind>
            <button type="button" class="entry" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|open| *open = !*open)>
                <Glyph icon=Icon::Chevron/>
                <span class="entry-when"><span>{times::clock(at)}</span><span class="sub"><Ago at=at now=state.now()/></span></span>
                <span class="entry-what">{entry.summary.clone()}</span>
            </button>
            <span class="entry-about">{about}</span>
            <span class="sub entry-who">{move || state.actor_name(&actor)}</span>
            {move || open.get().then(|| view! {
                <div class="entry-body">
                    <p class="sub">"Entry "{seq.to_string()}" · "<code>{kept.clone()}</code>" · "{times::exact(at)}</p>
                    <pre tabindex="0"><code>{recorded.clone()}</code></pre>
                    <p class="sub hash"><code>{hash.clone()}</code><CopyButton text=hash.clone() describes="Copy the entry's hash"/></p>
                </div>
            })}
        </li>
    }
}
