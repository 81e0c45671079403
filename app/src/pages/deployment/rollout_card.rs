//! The live picture of a rollout: squares, traffic share, floor, deadline, steps, and its buttons.

use domain::deployment::Reason;
use domain::rollout::PhaseWord;
use domain::wire::RolloutView;
use leptos::prelude::*;

use super::controls::Controls;
use super::replicas_now::Replicas;
use super::report::AllowedBy;
use super::subject::Subject;
use crate::components::{Ago, Skeleton, StateLabel, StepList};
use crate::pages::query_answer::Trouble;
use crate::state::state;
use crate::words::{self, Tone, numbers, times};

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
    let facts = Memo::new(move |_| {
        rollout.with(|rollout| {
            rollout.as_ref().map(|rollout| facts(rollout, &state.actor_name(&rollout.actor))).unwrap_or_default()
        })
    });
    let note = Memo::new(move |_| rollout.with(|rollout| rollout.as_ref().and_then(|rollout| rollout.note.clone())));
    let report = Memo::new(move |_| rollout.with(|rollout| rollout.as_ref()?.compatibility.clone()));
    let overridden = Memo::new(move |_| rollout.with(|rollout| rollout.as_ref()?.quarantine_override.clone()));
    view! {
        <section class="card rollout" data-test="rollout">
            <Show when=move || exists.get() fallback=move || match subject.rollout.failure() {
                Some(failure) => view! { <Trouble failure=failure/> }.into_any(),
                None if subject.rollout.value().is_some() => view! { <p class="sub">"No rollout yet."</p> }.into_any(),
                None => view! { <Skeleton lines=5/> }.into_any(),
            }>
                <div class="card-head">
                    <h2>{move || rollout.with(|rollout| rollout.as_ref().map(|rollout| format!("Rollout {}", rollout.number)))}</h2>
                    <span data-test="phase" data-phase=move || phase.get().map(|phase| phase.to_string())>
                        <StateLabel word=Signal::derive(move || label.get().0.to_owned()) tone=Signal::derive(move || label.get().1)/>
                    </span>
                    <span class="sub">
                        {facts}" · "
                        {move || started.get().map(|at| view! { <Ago at=at now=state.now()/> })}
                    </span>
                    <span class="grow"></span>
                    <Controls/>
                </div>
                {move || overridden.get().map(|why| view! { <p class="sub note">"Rolled out although known to be bad: “"{why}"”"</p> })}
                {move || note.get().map(|note| view! { <p class="sub note">"“"{note}"”"</p> })}
                {move || report.get().map(|report| view! { <AllowedBy report=report/> })}
            </Show>
            <Replicas/>
            <Show when=move || exists.get()>
                <p class="sub deadline">{move || {
                    let runs = subject.view.with(|view| view.as_ref().is_some_and(|view| view.replicas.ready > 0));
                    what_next(rollout.get().as_ref(), runs, state.now().get().max(jiff::Timestamp::now()))
                }}</p>
                <StepList steps=steps active=active/>
            </Show>
        </section>
    }
}

/// Its revisions, its reason, and the person who asked for it.
fn facts(rollout: &RolloutView, by: &str) -> String {
    let way = match rollout.from_revision {
        Some(from) => format!("revision {from} → {}", rollout.to_revision),
        None => format!("revision {}", rollout.to_revision),
    };
    let why =
        rollout.reason.filter(|reason| *reason != Reason::Other).map(|reason| format!(" · {}", words::reason(reason)));
    let what = words::purpose(rollout).map(|what| format!("{what} · ")).unwrap_or_default();
    format!("{what}{way}{} · by {by}", why.unwrap_or_default())
}

/// The next thing to happen, or the duration.
fn what_next(rollout: Option<&RolloutView>, runs: bool, now: jiff::Timestamp) -> String {
    let Some(rollout) = rollout else { return String::new() };
    let then = match rollout.phase {
        PhaseWord::Reverting => "then the return counts as failed".to_owned(),
        _ => words::then(rollout.on_failure, rollout.from_revision),
    };
    match (rollout.phase, rollout.deadline_at, rollout.ended_at) {
        (PhaseWord::Paused, ..) => {
            "Paused: no replica is replaced, and no deadline runs. Replicas that stop by themselves are still started again.".to_owned()
        }
        (_, _, Some(ended)) => {
            let took = format!("It took {}.", times::took(rollout.started_at, ended));
            match (rollout.phase, rollout.from_revision) {
                // Since then somebody may have stopped what it started.
                _ if !runs => took,
                (PhaseWord::Completed, _) => format!("{took} Every replica runs revision {}.", rollout.to_revision),
                (PhaseWord::Reverted | PhaseWord::Cancelled, Some(from)) => {
                    format!("{took} Every replica runs revision {from} again.")
                }
                _ => took,
            }
        }
        (_, Some(deadline), None) => {
            format!("Deadline for progress in {}; {then}.", numbers::span(times::seconds_until(deadline, now)))
        }
        (_, None, None) => String::new(),
    }
}
