//! The rollout: in progress as a live card with both rows, its rounds and its receipt; over as one folded line.

use domain::deployment::Reason;
use domain::rollout::PhaseWord;
use domain::wire::RolloutView;
use leptos::prelude::*;

use super::controls::Controls;
use super::live_now::LiveNow;
use super::report::AllowedBy;
use super::round_lines::Plan;
use super::sides::Sides;
use super::subject::Subject;
use crate::api::href;
use crate::components::{Ago, Glyph, Icon, ReceiptStrip, Skeleton, StateLabel, Timeline};
use crate::pages::query_answer::Trouble;
use crate::state::state;
use crate::words::{self, Tone, numbers, times};

/// The newest rollout.
#[component]
pub(crate) fn RolloutCard() -> impl IntoView {
    let subject: Subject = expect_context();
    let rollout = Memo::new(move |_| subject.newest());
    let shown = Memo::new(move |_| rollout.with(|rollout| rollout.as_ref().map(|rollout| rollout.phase.is_active())));
    let sides = Memo::new(move |_| {
        rollout.with(|rollout| {
            subject.view.with(|view| Some(Sides::of(view.as_deref()?, rollout.as_ref()?))).unwrap_or_default()
        })
    });
    move || match (shown.get(), subject.rollout.failure()) {
        (Some(true), _) => view! { <Live rollout=rollout sides=sides/> }.into_any(),
        (Some(false), _) => view! { <Folded rollout=rollout sides=sides/> }.into_any(),
        (None, Some(failure)) => {
            view! { <section class="card" data-test="rollout"><Trouble failure=failure/></section> }.into_any()
        }
        (None, None) if subject.rollout.value().is_some() => {
            view! { <section class="card" data-test="rollout"><p class="sub">"No rollout yet."</p></section> }
                .into_any()
        }
        (None, None) => view! { <section class="card" data-test="rollout"><Skeleton lines=5/></section> }.into_any(),
    }
}

/// Its number.
fn number(rollout: Memo<Option<RolloutView>>) -> impl Fn() -> String + Copy {
    move || {
        rollout
            .with(|rollout| rollout.as_ref().map(|rollout| format!("Rollout {}", rollout.number)))
            .unwrap_or_default()
    }
}

/// Its phase, with a word, a colour and a shape.
fn phase(rollout: Memo<Option<RolloutView>>) -> impl IntoView {
    let phase = Memo::new(move |_| rollout.with(|rollout| rollout.as_ref().map(|rollout| rollout.phase)));
    let label = Memo::new(move |_| phase.get().map_or(("none", Tone::Off), words::phase));
    view! {
        <span data-test="phase" data-phase=move || phase.get().map(|phase| phase.to_string())>
            <StateLabel word=Signal::derive(move || label.get().0.to_owned()) tone=Signal::derive(move || label.get().1)/>
        </span>
    }
}

#[component]
fn Live(rollout: Memo<Option<RolloutView>>, sides: Memo<Sides>) -> impl IntoView {
    let subject: Subject = expect_context();
    let state = state();
    let lines = Memo::new(move |_| {
        rollout
            .with(|rollout| {
                subject.view.with(|view| {
                    sides.with(|sides| {
                        let rollout = rollout.as_ref()?;
                        Some(
                            Plan { rollout, picture: rollout.picture.as_ref()?, view: view.as_deref()?, sides }.lines(),
                        )
                    })
                })
            })
            .unwrap_or_default()
    });
    let facts = Memo::new(move |_| {
        let by = rollout
            .with(|rollout| rollout.as_ref().map(|rollout| state.actor_name(&rollout.actor)))
            .unwrap_or_default();
        rollout
            .with(|rollout| rollout.as_ref().map(|rollout| sides.with(|sides| facts(rollout, sides, &by))))
            .unwrap_or_default()
    });
    let started = Memo::new(move |_| rollout.with(|rollout| rollout.as_ref().map(|rollout| rollout.started_at)));
    let note = Memo::new(move |_| rollout.with(|rollout| rollout.as_ref().and_then(|rollout| rollout.note.clone())));
    let report = Memo::new(move |_| rollout.with(|rollout| rollout.as_ref()?.compatibility.clone()));
    let overridden = Memo::new(move |_| rollout.with(|rollout| rollout.as_ref()?.quarantine_override.clone()));
    let receipt = Memo::new(move |_| {
        rollout.with(|rollout| rollout.as_ref().map(|rollout| rollout.receipt.clone())).unwrap_or_default()
    });
    let revisions = Memo::new(move |_| {
        sides.with(|sides| sides.old.iter().cloned().chain([sides.new.clone()]).collect::<Vec<_>>())
    });
    view! {
        <section class="card live" aria-label="Rollout" data-test="rollout">
            <header class="live-head">
                <h2>{number(rollout)}</h2>
                {phase(rollout)}
                <span class="sub">{facts}" · "{move || started.get().map(|at| view! { <Ago at=at now=state.now()/> })}</span>
                <span class="grow"></span>
                <Controls/>
            </header>
            {move || overridden.get().map(|why| view! { <p class="sub live-note">"Rolled out although known to be bad: “"{why}"”"</p> })}
            {move || note.get().map(|note| view! { <p class="sub live-note">"“"{note}"”"</p> })}
            {move || report.get().map(|report| view! { <div class="live-note"><AllowedBy report=report/></div> })}
            <div class="live-body">
                <LiveNow rollout=rollout sides=sides/>
                <Timeline lines=lines/>
            </div>
            <ReceiptStrip receipt=receipt revisions=revisions/>
        </section>
    }
}

/// A rollout that is over.
#[component]
fn Folded(rollout: Memo<Option<RolloutView>>, sides: Memo<Sides>) -> impl IntoView {
    let subject: Subject = expect_context();
    let counts = move || {
        rollout.with(|rollout| {
            let total = rollout.as_ref().map(|rollout| rollout.receipt.total).unwrap_or_default();
            (total.answered, total.failed, total.drained)
        })
    };
    let ended = Memo::new(move |_| {
        rollout
            .with(|rollout| rollout.as_ref().map(|rollout| sides.with(|sides| ended(rollout, sides))))
            .unwrap_or_default()
    });
    let details = move || {
        let number = rollout.with(|rollout| rollout.as_ref().map(|rollout| rollout.number.0)).unwrap_or_default();
        href(&format!("/deployments/{}?tab=rollouts&rollout={number}", subject.name()))
    };
    let report = Memo::new(move |_| rollout.with(|rollout| rollout.as_ref()?.compatibility.clone()));
    view! {
        <section class="card rollout-fold" aria-label="Last rollout" data-test="rollout">
            <Glyph icon=Icon::History/>
            <b>{number(rollout)}</b>
            {phase(rollout)}
            <span class="second">{ended}</span>
            <span class="grow"></span>
            <span class="legend" data-test="receipt">
                <span data-test="receipt-answered">{move || format!("{} answered", numbers::whole(counts().0))}</span>
                <span class:good=move || counts().1 == 0 class:bad=move || counts().1 != 0 data-test="receipt-failed">{move || format!("{} failed", numbers::whole(counts().1))}</span>
                <span>{move || format!("{} drained", numbers::whole(counts().2))}</span>
            </span>
            <a href=details data-test="rollout-details">"Details"</a>
            {move || report.get().map(|report| view! { <AllowedBy report=report/> })}
        </section>
    }
}

/// Its versions, its reason, and the person who asked for it.
fn facts(rollout: &RolloutView, sides: &Sides, by: &str) -> String {
    let mut facts = vec![sides.way.clone()];
    if rollout.phase == PhaseWord::Reverting {
        facts.push("returning".to_owned());
    }
    facts.extend(words::purpose(rollout));
    facts.extend(
        rollout.reason.filter(|reason| *reason != Reason::Other).map(|reason| words::reason(reason).to_owned()),
    );
    facts.push(format!("by {by}"));
    facts.join(" · ")
}

/// What became of it, and how long it took.
fn ended(rollout: &RolloutView, sides: &Sides) -> String {
    let took =
        rollout.ended_at.map(|ended| format!(" after {}", times::took(rollout.started_at, ended))).unwrap_or_default();
    match (rollout.phase, sides.before()) {
        (PhaseWord::Completed, _) => format!("{}, done{took}", sides.way),
        (PhaseWord::Reverted | PhaseWord::Cancelled, Some(before)) => {
            format!("{}, returned to {before}{took}", sides.way)
        }
        _ => format!("{}, ended{took}", sides.way),
    }
}
