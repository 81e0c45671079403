//! The live picture of a rollout: squares, traffic share, floor, deadline, steps, and what may be asked of it.

use domain::deployment::Reason;
use domain::rollout::PhaseWord;
use domain::wire::{DeploymentView, RolloutView};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::Subject;
use crate::api::rollouts::Ask;
use crate::api::{self, Failure};
use crate::components::{Ago, Skeleton, SplitBar, Squares, StateLabel, StepList};
use crate::pages::dialogs::{Dialogs, Open};
use crate::pages::shared::{Trouble, replicas_said, squares};
use crate::state::state;
use crate::words::{self, Tone, numbers, times};

/// As many squares are drawn; a thousand replicas need no thousand squares.
const MOST_SQUARES: usize = 120;

/// The newest rollout and the replicas as they are.
#[component]
pub(crate) fn RolloutCard() -> impl IntoView {
    let subject: Subject = expect_context();
    let state = state();
    let rollout = Memo::new(move |_| subject.newest());
    let exists = Memo::new(move |_| rollout.with(Option::is_some));
    let phase = Memo::new(move |_| rollout.with(|rollout| rollout.as_ref().map(|rollout| rollout.phase)));
    let label = Memo::new(move |_| phase.get().map_or(("none", Tone::Off), words::phase));
    let steps = Memo::new(move |_| {
        rollout.with(|rollout| rollout.as_ref().map(|rollout| rollout.steps.clone()).unwrap_or_default())
    });
    let active = Memo::new(move |_| phase.get().is_some_and(PhaseWord::is_active));
    let started = Memo::new(move |_| rollout.with(|rollout| rollout.as_ref().map(|rollout| rollout.started_at)));
    let facts = Memo::new(move |_| rollout.with(|rollout| rollout.as_ref().map(facts).unwrap_or_default()));
    let note = Memo::new(move |_| rollout.with(|rollout| rollout.as_ref().and_then(|rollout| rollout.note.clone())));
    view! {
        <section class="card rollout" data-test="rollout">
            <Show when=move || exists.get() fallback=move || match subject.rollout.failure() {
                Some(failure) => view! { <Trouble failure=failure/> }.into_any(),
                None if subject.rollout.value().is_some() => view! { <p class="sub">"No rollout yet."</p> }.into_any(),
                None => view! { <Skeleton lines=5/> }.into_any(),
            }>
                <div class="card-head">
                    <h2>{move || rollout.with(|rollout| rollout.as_ref().map(|rollout| format!("Rollout {}", rollout.number)))}</h2>
                    <span data-test="phase" data-phase=move || phase.get().map(|phase| api::word(&phase))>
                        <StateLabel word=Signal::derive(move || label.get().0.to_owned()) tone=Signal::derive(move || label.get().1)/>
                    </span>
                    <span class="sub">
                        {facts}" · "
                        {move || started.get().map(|at| view! { <Ago at=at now=state.now()/> })}
                    </span>
                    <span class="grow"></span>
                    <Controls/>
                </div>
                {move || note.get().map(|note| view! { <p class="sub note">"“"{note}"”"</p> })}
            </Show>
            <Replicas/>
            <Show when=move || exists.get()>
                <p class="sub deadline">{move || told(rollout.get().as_ref(), state.now().get())}</p>
                <StepList steps=steps active=active/>
            </Show>
        </section>
    }
}

/// Where it leads, why, and who asked.
fn facts(rollout: &RolloutView) -> String {
    let way = match rollout.from_revision {
        Some(from) => format!("revision {from} → {}", rollout.to_revision),
        None => format!("revision {}", rollout.to_revision),
    };
    let why =
        rollout.reason.filter(|reason| *reason != Reason::Other).map(|reason| format!(" · {}", words::reason(reason)));
    format!("{way}{} · by {}", why.unwrap_or_default(), rollout.actor)
}

/// What happens next, or how long it took.
fn told(rollout: Option<&RolloutView>, now: jiff::Timestamp) -> String {
    let Some(rollout) = rollout else { return String::new() };
    let back = match rollout.from_revision {
        Some(from) => format!("after that it goes back to revision {from} by itself"),
        None => "after that it fails".to_owned(),
    };
    match (rollout.phase, rollout.deadline_at, rollout.ended_at) {
        (PhaseWord::Paused, ..) => {
            "Paused: nothing is replaced and no deadline runs. Replicas that end are still started again.".to_owned()
        }
        (_, _, Some(ended)) => {
            let took = format!("It took {}.", numbers::span(times::seconds_until(ended, rollout.started_at)));
            match (rollout.phase, rollout.from_revision) {
                (PhaseWord::Completed, _) => format!("{took} Every replica runs revision {}.", rollout.to_revision),
                (PhaseWord::Reverted | PhaseWord::Cancelled, Some(from)) => {
                    format!("{took} Every replica runs revision {from} again.")
                }
                _ => took,
            }
        }
        (_, Some(deadline), None) => {
            format!("Deadline for progress in {}; {back}.", numbers::span(times::seconds_until(deadline, now)))
        }
        (_, None, None) => String::new(),
    }
}

/// Squares, traffic share, counts and the floor.
#[component]
fn Replicas() -> impl IntoView {
    let subject: Subject = expect_context();
    let view = subject.view;
    let list = Memo::new(move |_| view.with(|view| view.as_deref().map(squares).unwrap_or_default()));
    let said = Signal::derive(move || view.with(|view| view.as_deref().map(replicas_said).unwrap_or_default()));
    let sides = Memo::new(move |_| view.with(|view| view.as_deref().map(sides).unwrap_or_default()));
    let two = Memo::new(move |_| sides.with(|sides| sides.earlier.is_some()));
    let floor = Memo::new(move |_| {
        let rollout = subject.newest().filter(|rollout| rollout.phase.is_active())?;
        let desired = view.with(|view| view.as_ref().map(|view| view.replicas.desired))?;
        let floor = rollout.strategy.resolve(desired).lowest_available(desired);
        Some(format!("never below {floor} of {desired}"))
    });
    view! {
        <div class="replicas-now">
            <Squares squares=list said=said most=MOST_SQUARES big=true/>
            <div class="legend">
                {move || sides.get().newer.map(|side| view! { <span><i class="new" aria-hidden="true"></i>{side.said}</span> })}
                {move || sides.get().earlier.map(|side| view! { <span><i class="old" aria-hidden="true"></i>{side.said}</span> })}
                {move || floor.get().map(|floor| view! { <span class="sub" data-test="floor">{floor}</span> })}
                {move || list.with(Vec::is_empty).then(|| view! { <span class="sub">"no replicas"</span> })}
            </div>
            <Show when=move || two.get()>
                <SplitBar
                    percent=Signal::derive(move || sides.with(|sides| sides.percent))
                    before=Signal::derive(move || sides.with(|sides| share(sides.earlier.as_ref(), 100 - sides.percent)))
                    after=Signal::derive(move || sides.with(|sides| share(sides.newer.as_ref(), sides.percent)))
                />
            </Show>
        </div>
    }
}

#[derive(Clone, Default, PartialEq)]
struct Side {
    revision: u32,
    ready: u32,
    said: String,
}

#[derive(Clone, Default, PartialEq)]
struct Sides {
    newer: Option<Side>,
    earlier: Option<Side>,
    /// Share of requests that the newer one answers.
    percent: u32,
}

fn share(side: Option<&Side>, percent: u32) -> String {
    side.map_or_else(String::new, |side| format!("revision {} · {percent} % of requests", side.revision))
}

/// The replicas by revision. Requests follow ready replicas (VX-3).
fn sides(view: &DeploymentView) -> Sides {
    let of = |revision: u32| {
        let mut counts: Vec<(&'static str, u32)> = Vec::new();
        let mut in_flight = 0;
        for replica in view.replica_list.iter().flatten().filter(|replica| replica.revision.0 == revision) {
            let (word, _) = words::replica(replica.state);
            match counts.iter_mut().find(|(known, _)| *known == word) {
                Some((_, count)) => *count += 1,
                None => counts.push((word, 1)),
            }
            if replica.state == domain::observed::ReplicaState::Draining {
                in_flight += replica.in_flight;
            }
        }
        if counts.is_empty() {
            return None;
        }
        let ready = counts.iter().find(|(word, _)| *word == "ready").map_or(0, |(_, count)| *count);
        counts.sort_by_key(|(word, _)| *word != "ready");
        let parts: Vec<String> = counts
            .iter()
            .map(|(word, count)| match *word {
                "draining" if in_flight > 0 => format!("{count} draining ({in_flight} requests)"),
                word => format!("{count} {word}"),
            })
            .collect();
        Some(Side { revision, ready, said: format!("revision {revision}: {}", parts.join(", ")) })
    };
    let none = Side { revision: view.revision.0, ready: 0, said: format!("revision {}: none yet", view.revision) };
    let other = view
        .replica_list
        .iter()
        .flatten()
        .map(|replica| replica.revision.0)
        .filter(|number| *number != view.revision.0)
        .max();
    let earlier = other.and_then(of);
    let newer = of(view.revision.0).or_else(|| earlier.as_ref().map(|_| none));
    let ready = |side: &Option<Side>| side.as_ref().map_or(0, |side| side.ready);
    let percent = (ready(&newer) * 100).checked_div(ready(&newer) + ready(&earlier)).unwrap_or(0);
    Sides { newer, earlier, percent }
}

/// Pause, resume, cancel. A button stays *pending* until the rollout has moved.
#[component]
fn Controls() -> impl IntoView {
    let dialogs = Dialogs::here();
    let state = state();
    let subject: Subject = expect_context();
    let pending = RwSignal::new(None::<Ask>);
    let failure = RwSignal::new(None::<Failure>);
    let phase = Memo::new(move |_| subject.newest().map(|rollout| rollout.phase));
    Effect::new(move |_| {
        phase.track();
        pending.set(None);
    });
    let ask = move |what: Ask| {
        let (Some(view), Some(rollout)) =
            (subject.view.get_untracked(), subject.rollout.value().and_then(|r| (*r).clone()))
        else {
            return;
        };
        pending.set(Some(what));
        failure.set(None);
        spawn_local(async move {
            if let Err(refused) = api::rollouts::ask(&view.name, rollout.number, what).await {
                failure.try_set(Some(state.noting(refused)));
                pending.try_set(None);
            }
        });
    };
    let cancel = move |_| {
        let (Some(view), Some(rollout)) =
            (subject.view.get_untracked(), subject.rollout.value().and_then(|r| (*r).clone()))
        else {
            return;
        };
        dialogs.open(Open::Cancel(view.id.clone(), rollout.number));
    };
    let busy = move || pending.with(Option::is_some);
    let button = move |what: Ask, label: &'static str, doing: &'static str, name: &'static str| {
        view! {
            <button type="button" class="button small" data-test=name disabled=busy on:click=move |_| ask(what)>
                {move || if pending.get() == Some(what) { doing } else { label }}
            </button>
        }
    };
    move || {
        let (pause, resume) = match phase.get() {
            Some(PhaseWord::Pending | PhaseWord::Rolling) => (true, false),
            Some(PhaseWord::Paused) => (false, true),
            _ => return ().into_any(),
        };
        view! {
            <span class="controls">
                {pause.then(|| button(Ask::Pause, "Pause", "Pausing…", "pause"))}
                {resume.then(|| button(Ask::Resume, "Resume", "Resuming…", "resume"))}
                <button type="button" class="button small danger" data-test="cancel" disabled=busy on:click=cancel>"Cancel and go back"</button>
            </span>
            {move || failure.get().map(|failure| view! { <Trouble failure=failure/> })}
        }
        .into_any()
    }
}
