//! The table of replicas: those that there are, and those of the rollout in progress that have ended.

use domain::id::ReplicaId;
use domain::replica::ReplicaState;
use domain::wire::{DeploymentView, ReplicaLoad, ReplicaView, Usage};
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
    load: Option<ReplicaLoad>,
}

impl ReplicaLine {
    fn usage(&self) -> Option<Usage> {
        self.load.as_ref()?.usage
    }
}

/// The card.
#[component]
pub(super) fn Replicas() -> impl IntoView {
    let subject: Subject = expect_context();
    let all = RwSignal::new(false);
    let lines = Memo::new(move |_| subject.live.with(|view| view.as_deref().map(lines).unwrap_or_default()));
    let ended = Memo::new(move |_| {
        let there: Vec<ReplicaId> = lines.with(|lines| lines.iter().map(|line| line.id.clone()).collect());
        subject.newest().map(|rollout| ended(&rollout, &there)).unwrap_or_default()
    });
    let shown = move || {
        let most = if all.get() { usize::MAX } else { SHOWN };
        lines.with(|lines| lines.iter().take(most).map(|line| line.id.clone()).collect::<Vec<_>>())
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
                        <span role="columnheader" class="number">"CPU"</span>
                        <span role="columnheader" class="number">"Memory"</span>
                        <span role="columnheader" class="number">"In flight"</span>
                        <span role="columnheader" class="number">"Restarts"</span>
                        <span role="columnheader" class="number">"Started"</span>
                        <span role="columnheader"><span class="visually-hidden">"Log"</span></span>
                    </div>
                    <For each=shown key=Clone::clone let:id>{draw(id, lines, subject)}</For>
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

fn draw(id: ReplicaId, lines: Memo<Vec<ReplicaLine>>, subject: Subject) -> impl IntoView {
    let state = state();
    let (name, log) = (short(&id), href(&format!("/deployments/{}?tab=logs&replica={id}", subject.name())));
    let title = id.to_string();
    let line = Memo::new(move |_| lines.with(|lines| lines.iter().find(|line| line.id == id).cloned()));
    let of =
        move |read: fn(&ReplicaLine) -> String| move || line.with(|line| line.as_ref().map(read).unwrap_or_default());
    let again = Memo::new(move |_| line.with(|line| line.as_ref().and_then(|line| line.replica.starts_again_at)));
    let shown = Memo::new(move |_| line.with(|line| line.as_ref().map(|line| words::replica(line.replica.state))));
    let word = Signal::derive(move || match again.get().map(|at| times::seconds_until(at, state.now().get())) {
        Some(0) => "Starts again now".to_owned(),
        Some(left) => format!("Starts again in {}", numbers::span(left)),
        None => shown.get().map(|(word, _)| words::sentence(word)).unwrap_or_default(),
    });
    let tone = Signal::derive(move || match (again.get(), shown.get()) {
        (Some(_), _) => Tone::Bad,
        (None, shown) => shown.map_or(Tone::Off, |(_, tone)| tone),
    });
    let under = Memo::new(move |_| line.with(|line| line.as_ref().map(under).unwrap_or_default()));
    let started = Memo::new(move |_| line.with(|line| line.as_ref().map(|line| line.replica.started_at)));
    view! {
        <div class="replica-row" role="row" data-test="replica-row" data-id=title data-state=of(|line| line.replica.state.to_string())>
            <code role="cell" title=title.clone()>{name.clone()}</code>
            <span role="cell">{of(|line| line.version.clone())}</span>
            <span role="cell" class="replica-state">
                <StateLabel word=word tone=tone/>
                {move || Some(under.get()).filter(|under| !under.is_empty()).map(|under| view! { <span class="sub">{under}</span> })}
            </span>
            <span role="cell" class="number" data-test="replica-cpu">{of(|line| line.usage().and_then(|usage| usage.cpu_milli).map(numbers::cores).unwrap_or_default())}</span>
            <span role="cell" class="number" data-test="replica-memory">{of(|line| line.usage().map(|usage| numbers::bytes(usage.memory_bytes)).unwrap_or_default())}</span>
            <span role="cell" class="number">{of(|line| line.replica.in_flight.to_string())}</span>
            <span role="cell" class="number">{of(|line| line.replica.restarts.to_string())}</span>
            <span role="cell" class="number sub">{move || started.get().map(|at| view! { <Ago at=at now=state.now()/> })}</span>
            <span role="cell" class="number"><a href=log aria-label=format!("Log of {name}")>"Log"</a></span>
        </div>
    }
}

/// What is said under its state.
fn under(line: &ReplicaLine) -> String {
    let replica = &line.replica;
    let doing =
        replica.doing.clone().or_else(|| replica.problem.clone().filter(|_| replica.state != ReplicaState::Ready));
    let gpus = (!replica.gpus.is_empty()).then(|| words::gpus(&replica.gpus));
    doing.map(|doing| words::sentence(&doing)).into_iter().chain(gpus).collect::<Vec<_>>().join(" · ")
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
        .map(|replica| ReplicaLine {
            id: replica.id.clone(),
            version: version(replica),
            load: view.traffic.replicas.get(&replica.id).cloned(),
            replica: replica.clone(),
        })
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
