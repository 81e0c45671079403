//! May the candidate replace what is in use? The report, both signatures, and a check in a scratch replica.
//!
//! # Flow
//! The report comes with every rehearsal, with what the newest scratch replica of the same code showed. A check is asked
//! for once and goes on without this dialog: it is found again among the deployment's checks by the code that it tries,
//! and followed by the events that it causes.

use domain::compat::{CheckStep, Trial};
use domain::model::Tried;
use domain::wire::StartCheck;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::checked::Checked;
use super::draft::Draft;
use crate::api::{self, Failure};
use crate::components::{CheckProgress, CompatibilityReport, Glyph, Icon};
use crate::pages::query_answer::Refused;
use crate::pages::side_by_side::SideBySide;
use crate::state::state;
use crate::words::{self, numbers};

/// The section of the dialog.
#[component]
pub(super) fn Compatibility(draft: Draft) -> impl IntoView {
    let report = draft.report;
    let pair = Memo::new(move |_| {
        report.with(|report| {
            report.as_ref().and_then(|report| Some((report.current.clone()?, report.candidate.clone()?)))
        })
    });
    let title = move || match pair.get() {
        Some((current, candidate)) => format!(
            "Can {} replace {}?",
            words::models(std::slice::from_ref(&candidate)),
            words::models(std::slice::from_ref(&current))
        ),
        None => "Compatibility".to_owned(),
    };
    let exists = Memo::new(move |_| report.with(Option::is_some));
    view! {
        <Show when=move || exists.get()>
            <section data-test="compatibility">
                <h3 class="section-title">{title}</h3>
                <Show when=move || draft.checked.again.get()>
                    <p class="sub" data-test="earlier-check">"These are the results of the earlier check; another one is running."</p>
                </Show>
                {move || report.get().map(|report| view! { <CompatibilityReport report=report/> })}
                {move || pair.get().map(|(current, candidate)| {
                    let wanted = RwSignal::new(false);
                    view! {
                        <details data-test="side-by-side" on:toggle=move |_| wanted.set(true)>
                            <summary>"Both signatures side by side"</summary>
                            {move || wanted.get().then(|| view! { <SideBySide current=current.clone() candidate=candidate.clone()/> })}
                        </details>
                    }
                })}
                <Scratch draft=draft/>
            </section>
        </Show>
    }
}

/// Tries the candidate beside the deployment.
#[component]
fn Scratch(draft: Draft) -> impl IntoView {
    let state = state();
    let Checked { query, newest, .. } = draft.checked;
    let asking = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let step = Memo::new(move |_| newest.with(|check| check.as_ref().map(|check| check.step)));
    let running = Memo::new(move |_| step.get().is_some_and(|step| step != CheckStep::Ended));
    let trial = Memo::new(move |_| newest.with(|check| check.as_ref().and_then(|check| check.trial.clone())));
    let start = move |_| {
        let (Some(view), Some(candidate)) = (draft.view.get_untracked(), draft.candidate.get_untracked()) else {
            return;
        };
        asking.set(true);
        failure.set(None);
        spawn_local(async move {
            let check = StartCheck { configuration: candidate.id, set: candidate.set };
            match api::compat::start_check(&view.name, &check).await {
                Ok(_) => query.ask(),
                Err(refused) => {
                    failure.try_set(Some(state.noting(refused)));
                }
            }
            asking.try_set(false);
        });
    };
    view! {
        <div class="scratch" role="status">
            <Show when=move || !running.get()>
                <button type="button" class="button" data-test="check-in-scratch" disabled=move || asking.get() on:click=start>
                    {move || match step.get() {
                        Some(_) => "Check again in a scratch replica",
                        None => "Check in a scratch replica",
                    }}
                </button>
            </Show>
            {move || match step.get() {
                Some(step) if step != CheckStep::Ended => view! { <CheckProgress step=step/> }.into_any(),
                Some(_) => ().into_any(),
                None => view! { <span class="sub">"A scratch replica runs beside the deployment and receives no requests from clients. You may close this dialog meanwhile."</span> }.into_any(),
            }}
            {move || trial.get().map(|trial| view! { <Tryout trial=trial/> })}
        </div>
        <Refused failure=failure/>
    }
}

/// The results of the scratch replica.
#[component]
fn Tryout(trial: Trial) -> impl IntoView {
    let tell = |name: &'static str, what: &'static str, tried: Tried, fact: Option<String>| {
        let (icon, tone, text) = match tried {
            Tried::Worked => {
                (Icon::Check, "good", fact.map_or_else(|| what.to_owned(), |fact| format!("{what} {fact}")))
            }
            Tried::Failed { problem } => (Icon::Stop, "bad", problem),
            Tried::GuessRefused { problem } => (
                Icon::Question,
                "warning",
                format!("The format of a request is not fully known, and a guessed one was refused: {problem}"),
            ),
            Tried::NotTried { why } => (Icon::Question, "plain", why),
        };
        view! { <li data-test=name data-tone=tone><span class=tone><Glyph icon=icon/></span>{text}</li> }
    };
    let startup = trial.startup_ms.map(|ms| format!("in {}", numbers::millis(ms as f64)));
    view! {
        <ul class="tryout" data-test="trial">
            {tell("trial-loads", "Loaded", trial.loads, startup)}
            {tell("trial-answers", "Answered a sample request", trial.answers, None)}
            {trial.memory_bytes.map(|bytes| view! { <li class="sub">"used at most "{numbers::bytes(bytes)}" of memory"</li> })}
        </ul>
    }
}
