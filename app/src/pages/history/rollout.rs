//! A rollout as one card: what was asked, by whom and why, what came of it, and its steps when they are opened.

use domain::event::EventKind;
use domain::id::{DeploymentId, ModelRef, RolloutNumber};
use domain::rollout::RolloutKind;
use domain::wire::{HistoryGroup, RolloutTold};
use leptos::prelude::*;

use super::line::{About, Line, LineNeeds};
use super::steps::Steps;
use crate::components::StateLabel;
use crate::state::{State, state};
use crate::words::{self, numbers, times};

/// The rollout of a group, with what it is found by.
pub(super) fn named(group: &HistoryGroup) -> Option<((DeploymentId, RolloutNumber), RolloutTold)> {
    let rollout = group.rollout.clone()?;
    Some(((group.entries.first()?.deployment.clone()?, rollout.number), rollout))
}

/// The card.
#[component]
pub(super) fn RolloutCard(group: HistoryGroup, shown: LineNeeds) -> impl IntoView {
    let state = state();
    let (key, first) = named(&group)?;
    let deployment = key.0.clone();
    let rollout = {
        let first = first.clone();
        Memo::new(move |_| shown.rollouts.with(|all| all.get(&key).cloned()).unwrap_or_else(|| first.clone()))
    };
    let name = {
        let (id, number) = (deployment.clone(), first.number);
        move || shown.names.with(|names| names.get(&id).cloned()).unwrap_or_else(|| format!("rollout {number}"))
    };
    let asked = asked(&first, state);
    let lines = group.entries.into_iter().map(|entry| {
        let more = if entry.kind.is(EventKind::RolloutStarted) { asked.clone() } else { String::new() };
        view! { <Line entry=entry shown=shown in_rollout=true more=more/> }
    });
    let tone = Signal::derive(move || words::phase(rollout.with(|rollout| rollout.phase)).1);
    let word = Signal::derive(move || words::sentence(words::phase(rollout.with(|rollout| rollout.phase)).0));
    Some(view! {
        <section
            class="panel history-group"
            data-test="group"
            data-rollout=first.number.to_string()
            data-phase=move || rollout.with(|rollout| rollout.phase.to_string())
        >
            <header class="panel-head">
                <h3>{move || rollout.with(|rollout| title(rollout, &name()))}</h3>
                <StateLabel word=word tone=tone/>
                <span class="sub">{move || rollout.with(facts)}</span>
                <span class="grow"></span>
                <About id=deployment.clone() shown=shown/>
            </header>
            <ol class="events">{lines.collect_view()}</ol>
            <Steps deployment=deployment rollout=rollout shown=shown/>
        </section>
    })
}

/// The people who approved it, and whether rules were overridden.
fn asked(rollout: &RolloutTold, state: State) -> String {
    let names: Vec<_> = rollout.approvers.iter().map(|id| untrack(|| state.name_of(id))).collect();
    let approved = (!names.is_empty()).then(|| format!("Approved by {}", names.join(", ")));
    let overridden = rollout.overridden.then(|| "Policies or freezes were overridden".to_owned());
    approved.into_iter().chain(overridden).collect::<Vec<_>>().join(" · ")
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
