//! One entry as a line, which opens to what is recorded of it.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::event::EventKind;
use domain::id::{DeploymentId, DeploymentName, RolloutNumber, Seq};
use domain::wire::{HistoryEntry, RolloutTold};
use leptos::prelude::*;

use crate::api::href;
use crate::components::CopyButton;
use crate::state::state;
use crate::words::{self, times};

/// What every line needs.
#[derive(Clone, Copy)]
pub(super) struct LineNeeds {
    /// The names of deployments, also of those that are gone.
    pub(super) names: Memo<BTreeMap<DeploymentId, String>>,
    /// Those that are there.
    pub(super) there: Memo<HashMap<DeploymentId, DeploymentName>>,
    /// The rollouts as they stand now.
    pub(super) rollouts: Memo<HashMap<(DeploymentId, RolloutNumber), RolloutTold>>,
    /// The entries that are open.
    pub(super) open: RwSignal<HashSet<Seq>>,
}

/// How a line is marked, and what it says beneath.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Told {
    point: &'static str,
    text: String,
    beneath: String,
}

/// The entry in a sentence; in a rollout without what its head says already.
fn told(entry: &HistoryEntry, in_rollout: bool) -> Told {
    let field = |name: &str| entry.event.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    let is = |kind: EventKind| entry.kind.is(kind);
    let mut told = Told { point: "plain", text: entry.summary.clone(), beneath: String::new() };
    if is(EventKind::RolloutMoved) {
        let (problem, phase) = (field("problem"), entry.event.get("phase"));
        let word = phase.and_then(|phase| phase.as_str()).unwrap_or("reverting");
        told.point = match word {
            "completed" => "good",
            "reverting" | "reverted" | "revert_failed" | "failed" => "bad",
            _ => "plain",
        };
        if let Some(text) = told.text.strip_suffix(&format!(": {problem}")).filter(|_| !problem.is_empty()) {
            (told.text, told.beneath) = (text.to_owned(), words::with_full_stop(&problem));
        }
        let number = entry.event.get("number").map(ToString::to_string).unwrap_or_default();
        if let Some(text) = told.text.strip_prefix(&format!("Rollout {number} ")).filter(|_| in_rollout) {
            told.text = words::sentence(text);
        }
    } else if is(EventKind::RolloutStarted) {
        let reason = field("reason").replace('_', " ");
        if !reason.is_empty() {
            told.text.push_str(&format!(", reason {reason}"));
        }
        told.beneath = field("note");
    } else if is(EventKind::GlassBroken) {
        told.point = "warning";
    } else if is(EventKind::StatusChanged) && field("status") == "dead" || entry.kind.to_string() == "unreadable" {
        told.point = "bad";
    }
    told
}

/// A line.
#[component]
pub(super) fn Line(
    entry: HistoryEntry,
    shown: LineNeeds,
    /// It stands under the head of its rollout, which names the deployment.
    #[prop(optional)]
    in_rollout: bool,
    /// More about it, behind its own words.
    #[prop(optional, into)]
    more: String,
) -> impl IntoView {
    let state = state();
    let Told { point, text, beneath } = told(&entry, in_rollout);
    let beneath = [beneath, more].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ");
    let (seq, at, actor) = (entry.seq, entry.at, entry.actor.clone());
    let is_open = move || shown.open.with(|open| open.contains(&seq));
    let toggle = move |_| {
        shown.open.update(|open| {
            if !open.remove(&seq) {
                open.insert(seq);
            }
        });
    };
    let about = entry.deployment.clone().filter(|_| !in_rollout);
    let kind = entry.kind.to_string();
    let recorded = StoredValue::new((entry.event, entry.hash, entry.kind.to_string()));
    let by = move || if actor.is_server() { "Changeover".to_owned() } else { state.actor_name(&actor) };
    view! {
        <li class=format!("event {point}") data-test="entry" data-kind=kind data-seq=seq.to_string()>
            <time datetime=at.to_string() title=times::exact(at)>{times::clock(at)}</time>
            <span class=format!("point {point}") aria-hidden="true"></span>
            <span class="event-what">
                <button type="button" class="entry" aria-expanded=move || is_open().to_string() on:click=toggle>{text}</button>
                {about.map(|id| view! { <About id=id shown=shown/> })}
                {(!beneath.is_empty()).then(|| view! { <span class="sub">{beneath}</span> })}
            </span>
            <span class="sub event-who">{by}</span>
            {move || is_open().then(|| recorded.with_value(|(event, hash, kind)| {
                let text = serde_json::to_string_pretty(event).unwrap_or_default();
                view! {
                    <div class="event-body">
                        <p class="sub">"Entry "{seq.to_string()}" · "<code>{kind.clone()}</code>" · "{times::exact(at)}" · "{at.to_string()}</p>
                        <pre tabindex="0"><code>{text}</code></pre>
                        <p class="sub hash"><code>{hash.clone()}</code><CopyButton text=hash.clone() describes="Copy the entry's hash"/></p>
                    </div>
                }
            }))}
        </li>
    }
}

/// A deployment: a link while it is there.
#[component]
pub(super) fn About(id: DeploymentId, shown: LineNeeds) -> impl IntoView {
    move || {
        let there = shown.there.with(|there| there.get(&id).cloned());
        let known = shown.names.with(|names| names.get(&id).cloned());
        match (there, known) {
            (Some(name), _) => {
                view! { <a class="small" href=href(&format!("/deployments/{name}"))>{name.to_string()}</a> }.into_any()
            }
            (None, Some(name)) => view! { <span class="sub">{name}", deleted"</span> }.into_any(),
            (None, None) => view! { <span class="sub">"a deleted deployment"</span> }.into_any(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_says_what_its_head_does_not() {
        let entry = |kind: &str, summary: &str, event: serde_json::Value| -> HistoryEntry {
            serde_json::from_value(json!({"seq": 1, "at": "2026-05-01T10:00:00Z", "actor": "ada", "deployment": "d1",
                "kind": kind, "summary": summary, "event": event, "hash": "h"}))
            .unwrap()
        };
        let failed = entry(
            "rollout_moved",
            "Rollout 3 failed and goes back: It crashed",
            json!({"number": 3, "phase": {"reverting": "cannot_run"}, "problem": "It crashed"}),
        );
        let said = |point, text: &str, beneath: &str| Told { point, text: text.into(), beneath: beneath.into() };
        assert_eq!(told(&failed, true), said("bad", "Failed and goes back", "It crashed."));
        assert_eq!(told(&failed, false), said("bad", "Rollout 3 failed and goes back", "It crashed."));
        let event = json!({"number": 3, "phase": "completed", "problem": null});
        assert_eq!(told(&entry("rollout_moved", "Rollout 3 completed", event), true), said("good", "Completed", ""));
        let event = json!({"number": 3, "reason": "data_drift", "note": "In May"});
        let started = entry("rollout_started", "Started rollout 3 to revision 4", event);
        assert_eq!(told(&started, true), said("plain", "Started rollout 3 to revision 4, reason data drift", "In May"));
    }
}
