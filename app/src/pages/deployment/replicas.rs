//! The table of replicas: those that there are, and those of the rollout in progress that have ended.

use domain::id::ReplicaId;
use domain::replica::ReplicaState;
use domain::wire::{DeploymentView, ReplicaView};
use jiff::Timestamp;
use leptos::prelude::*;

use super::round_lines::short;
use super::subject::Subject;
use crate::api::href;
use crate::components::{Ago, StateLabel};
use crate::state::state;
use crate::words::{self, Tone, numbers, times};

/// Replicas that are listed before somebody asks for all.
const SHOWN: usize = 24;

/// A line of the table.
#[derive(Clone, Debug, PartialEq)]
struct ReplicaLine {
    id: ReplicaId,
    version: String,
    replica: ReplicaView,
}

/// The card.
#[component]
pub(super) fn Replicas() -> impl IntoView {
    let subject: Subject = expect_context();
    let all = RwSignal::new(false);
    let lines = Memo::new(move |_| subject.view.with(|view| view.as_deref().map(lines).unwrap_or_default()));
    let ended = Memo::new(move |_| {
        let there: Vec<ReplicaId> = lines.with(|lines| lines.iter().map(|line| line.id.clone()).collect());
        subject.newest().map(|rollout| ended(&rollout, &there)).unwrap_or_default()
    });
    let shown = move || {
        let most = if all.get() { usize::MAX } else { SHOWN };
        lines.with(|lines| lines.iter().take(most).cloned().collect::<Vec<_>>())
    };
    let hidden = move || lines.with(Vec::len).saturating_sub(if all.get() { usize::MAX } else { SHOWN });
    view! {
        <section class="card replicas" data-test="replicas">
            <div class="card-head"><h2>"Replicas"</h2><span class="sub">{move || lines.with(Vec::len)}</span></div>
            <Show when=move || lines.with(|lines| !lines.is_empty()) fallback=|| view! { <p class="sub">"No replica runs."</p> }>
                <div role="table" aria-label="Replicas">
                    <div class="replica-row replica-head" role="row">
                        <span role="columnheader">"Replica"</span>
                        <span role="columnheader">"Version"</span>
                        <span role="columnheader">"State"</span>
                        <span role="columnheader" class="number">"In flight"</span>
                        <span role="columnheader" class="number">"Restarts"</span>
                        <span role="columnheader" class="number">"Started"</span>
                        <span role="columnheader"><span class="visually-hidden">"Log"</span></span>
                    </div>
                    <For each=shown key=ReplicaLine::key let:line>{draw(line, subject)}</For>
                </div>
            </Show>
            {move || Some(hidden()).filter(|hidden| *hidden > 0).map(|hidden| view! {
                <button type="button" class="button quiet small" on:click=move |_| all.set(true)>{format!("Show {hidden} more")}</button>
            })}
            {move || Some(ended.get()).filter(|ended| !ended.is_empty()).map(|ended| view! {
                <details class="ended" data-test="ended-replicas">
                    <summary>{format!("Ended in this rollout: {}", ended.len())}</summary>
                    <ul>
                        {ended.into_iter().map(|(id, at)| {
                            let log = href(&format!("/deployments/{}?tab=logs&replica={id}", subject.name()));
                            view! { <li><code title=id.to_string()>{short(&id)}</code><span class="sub">{times::clock(at)}</span><a href=log>"Log"</a></li> }
                        }).collect_view()}
                    </ul>
                </details>
            })}
        </section>
    }
}

impl ReplicaLine {
    /// Everything but the numbers that change all the time would be too little: a row is small, and drawn anew.
    fn key(&self) -> (String, ReplicaState, u32, u32, Option<Timestamp>, Timestamp, String, Option<String>) {
        let replica = &self.replica;
        (
            self.id.to_string(),
            replica.state,
            replica.in_flight,
            replica.restarts,
            replica.starts_again_at,
            replica.started_at,
            self.version.clone(),
            replica.doing.clone().or(replica.problem.clone()),
        )
    }
}

fn draw(line: ReplicaLine, subject: Subject) -> impl IntoView {
    let state = state();
    let ReplicaLine { id, version, replica } = line;
    let (word, tone) = words::replica(replica.state);
    let again = replica.starts_again_at;
    let word = Signal::derive(move || match again.map(|at| times::seconds_until(at, state.now().get())) {
        Some(0) => "Starts again now".to_owned(),
        Some(left) => format!("Starts again in {}", numbers::span(left)),
        None => words::sentence(word),
    });
    let tone = if again.is_some() { Tone::Bad } else { tone };
    let doing =
        replica.doing.clone().or_else(|| replica.problem.clone().filter(|_| replica.state != ReplicaState::Ready));
    let gpus = (!replica.gpus.is_empty()).then(|| words::gpus(&replica.gpus));
    let under: Vec<String> = doing.map(|doing| words::sentence(&doing)).into_iter().chain(gpus).collect();
    let log = href(&format!("/deployments/{}?tab=logs&replica={id}", subject.name()));
    let name = short(&id);
    view! {
        <div class="replica-row" role="row" data-test="replica-row" data-id=id.to_string() data-state=replica.state.to_string()>
            <code role="cell" title=id.to_string()>{name.clone()}</code>
            <span role="cell">{version}</span>
            <span role="cell" class="replica-state">
                <StateLabel word=word tone=Signal::derive(move || tone)/>
                {(!under.is_empty()).then(|| view! { <span class="sub">{under.join(" · ")}</span> })}
            </span>
            <span role="cell" class="number">{replica.in_flight}</span>
            <span role="cell" class="number">{replica.restarts}</span>
            <span role="cell" class="number sub"><Ago at=replica.started_at now=state.now()/></span>
            <span role="cell" class="number"><a href=log aria-label=format!("Log of {name}")>"Log"</a></span>
        </div>
    }
}

/// The replicas, those of the newest revision first.
fn lines(view: &DeploymentView) -> Vec<ReplicaLine> {
    let version = |replica: &ReplicaView| {
        let known = view.revision_list.iter().flatten().find(|revision| revision.number == replica.revision);
        match known.map(|revision| revision.models.as_slice()) {
            Some([one]) => format!("v{}", one.version),
            _ => format!("revision {}", replica.revision),
        }
    };
    let mut lines: Vec<ReplicaLine> = view
        .replica_list
        .iter()
        .flatten()
        .map(|replica| ReplicaLine { id: replica.id.clone(), version: version(replica), replica: replica.clone() })
        .collect();
    lines.sort_by_key(|line| (std::cmp::Reverse(line.replica.revision), line.id.to_string()));
    lines
}

/// Those that the rollout has cleared away, and when.
fn ended(rollout: &domain::wire::RolloutView, there: &[ReplicaId]) -> Vec<(ReplicaId, Timestamp)> {
    use domain::step_kind::StepKind;
    let gone = rollout.steps.iter().filter(|step| step.kind.is(StepKind::Forget));
    gone.filter_map(|step| Some((step.replica.clone()?, step.at))).filter(|(id, _)| !there.contains(id)).collect()
}
