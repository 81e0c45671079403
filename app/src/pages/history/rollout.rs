//! A rollout as one card: what was asked, by whom and why, what came of it, and its steps when they are opened.

use domain::id::ModelRef;
use domain::rollout::RolloutKind;
use domain::wire::{HistoryGroup, RolloutTold};
use leptos::prelude::*;

use super::line::{About, Line, Shown};
use super::steps::Steps;
use crate::components::StateLabel;
use crate::state::state;
use crate::words::{self, numbers, times};

/// The card.
#[component]
pub(super) fn RolloutCard(group: HistoryGroup, shown: Shown) -> impl IntoView {
    let state = state();
    let HistoryGroup { rollout, entries, .. } = group;
    let rollout = rollout?;
    let deployment = entries.first().and_then(|entry| entry.deployment.clone());
    let name = {
        let (id, number) = (deployment.clone(), rollout.number);
        move || {
            let known = id.as_ref().and_then(|id| shown.names.with(|names| names.get(id).cloned()));
            known.unwrap_or_else(|| format!("rollout {number}"))
        }
    };
    let (word, tone) = words::phase(rollout.phase);
    let asked = {
        let (approvers, overridden) = (rollout.approvers.clone(), rollout.overridden);
        move || {
            let mut said = Vec::new();
            if !approvers.is_empty() {
                let names: Vec<_> = approvers.iter().map(|id| state.name_of(id)).collect();
                said.push(format!("Approved by {}", names.join(", ")));
            }
            if overridden {
                said.push("Policies or freezes were overridden".to_owned());
            }
            said.join(". ")
        }
    };
    let lines = entries.into_iter().map(|entry| {
        let is_start = entry.kind.is(domain::event::EventKind::RolloutStarted);
        let more = if is_start { untrack(&asked) } else { String::new() };
        view! { <Line entry=entry shown=shown in_rollout=true more=more/> }
    });
    let (number, titled, sub) = (rollout.number.to_string(), rollout.clone(), facts(&rollout));
    Some(view! {
        <section class="panel history-group" data-test="group" data-rollout=number data-phase=rollout.phase.to_string()>
            <header class="panel-head">
                <h3>{move || title(&titled, &name())}</h3>
                <StateLabel word=words::sentence(word) tone=tone/>
                <span class="sub">{sub}</span>
                <span class="grow"></span>
                {deployment.clone().map(|id| view! { <About id=id shown=shown/> })}
            </header>
            <ol class="events">{lines.collect_view()}</ol>
            {deployment.filter(|_| rollout.steps > 0).map(|id| view! { <Steps deployment=id rollout=rollout.clone() shown=shown/> })}
        </section>
    })
}

/// *Update iris v1 → v2*
fn title(rollout: &RolloutTold, name: &str) -> String {
    if let Some(revision) = rollout.rolled_back_to {
        return format!("Roll {name} back to revision {revision}");
    }
    match rollout.kind {
        RolloutKind::Relaunch => format!("Relaunch {name}"),
        RolloutKind::Activate => format!("Activate {name}"),
        RolloutKind::Update => {
            let first = rollout.started_at.is_some() && rollout.from_revision.is_none();
            match (rollout.models_before.as_slice(), rollout.models.as_slice()) {
                ([], []) if first => format!("Deploy {name}"),
                ([], []) => {
                    let to = rollout.to_revision.map(|to| format!(" to revision {to}")).unwrap_or_default();
                    format!("Update {name}{to}")
                }
                ([before], [after]) if before == after => format!("Update {name}, {} as before", model(after)),
                ([before], [after]) if before.name == after.name => {
                    format!("Update {name} v{} → v{}", before.version, after.version)
                }
                (_, after) if first => format!("Deploy {name} with {}", words::models(after)),
                (_, after) => format!("Update {name} to {}", words::models(after)),
            }
        }
    }
}

fn model(model: &ModelRef) -> String {
    format!("{} v{}", model.name, model.version)
}

/// *rollout 3 · 8.1 s · 323 answered, 0 failed*
fn facts(rollout: &RolloutTold) -> String {
    let took = rollout.started_at.zip(rollout.ended_at).map(|(from, to)| times::took(from, to));
    let total = &rollout.receipt.total;
    let counts = format!("{} answered, {} failed", numbers::whole(total.answered), numbers::whole(total.failed));
    [Some(format!("rollout {}", rollout.number)), took, Some(counts)]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" · ")
}
