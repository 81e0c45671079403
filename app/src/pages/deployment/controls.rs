//! The buttons of a rollout in progress: pause, resume, stop and return.

use domain::action::Action;
use domain::rollout::PhaseWord;
use domain::wire::ConditionWord;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::subject::Subject;
use crate::api::rollouts::Control;
use crate::api::{self, Failure, href};
use crate::components::{Glyph, Icon};
use crate::pages::actions::why_not;
use crate::pages::dialogs::{Dialogs, Open};
use crate::pages::query_answer::Refused;
use crate::state::state;
use crate::words::news;

/// Pause, resume, stop and return. A button stays *pending* until the rollout has moved. They have a place of their own, so
/// that text which grows moves none of them.
#[component]
pub(super) fn Controls() -> impl IntoView {
    let dialogs = Dialogs::here();
    let state = state();
    let subject: Subject = expect_context();
    let pending = RwSignal::new(None::<Control>);
    let failure = RwSignal::new(None::<Failure>);
    let phase = Memo::new(move |_| subject.newest().map(|rollout| rollout.phase));
    Effect::new(move |_| {
        phase.track();
        pending.set(None);
    });
    let now = move || {
        Some((subject.view.get_untracked()?, subject.rollout.value_now().and_then(|newest| (*newest).clone())?))
    };
    let ask = move |what: Control| {
        let Some((view, rollout)) = now() else { return };
        pending.set(Some(what));
        failure.set(None);
        spawn_local(async move {
            if let Err(refused) = api::rollouts::control(&view.name, rollout.number, what).await {
                failure.try_set(Some(state.noting(refused)));
                pending.try_set(None);
            }
        });
    };
    let crashes = Memo::new(move |_| {
        subject.view.with(|view| {
            let condition = view.as_ref().and_then(|view| view.condition.as_ref());
            condition.is_some_and(|condition| condition.word == ConditionWord::Crashing)
        })
    });
    // Returning is safe: where the new version crashes, nothing is asked first.
    let stop = move |_| match now() {
        _ if crashes.get_untracked() => ask(Control::Cancel),
        Some((view, rollout)) => dialogs.open(Open::Cancel(view.id.clone(), rollout.number)),
        None => {}
    };
    let busy = move || pending.with(Option::is_some);
    let offered = Memo::new(move |_| {
        let allowed =
            |action| subject.view.with(|view| view.as_deref().is_some_and(|view| why_not(view, action).is_none()));
        (allowed(Action::Pause), allowed(Action::Resume), allowed(Action::Cancel))
    });
    let returns = Memo::new(move |_| phase.get() == Some(PhaseWord::Reverting));
    let label =
        Memo::new(move |_| subject.view.with(|view| view.as_deref().map(news::stop_and_return).unwrap_or_default()));
    let logs = href(&format!("/deployments/{}?tab=logs", subject.name()));
    let button = move |what: Control, icon: Icon, label: &'static str, doing: &'static str, name: &'static str| {
        view! {
            <button type="button" class="button" data-test=name disabled=busy on:click=move |_| ask(what)>
                <Glyph icon=icon/>{move || if pending.get() == Some(what) { doing } else { label }}
            </button>
        }
    };
    let buttons = move || {
        let (pause, resume, cancel) = offered.get();
        view! {
            {pause.then(|| button(Control::Pause, Icon::Pause, "Pause", "Pausing…", "pause"))}
            {resume.then(|| button(Control::Resume, Icon::Play, "Resume", "Resuming…", "resume"))}
            {(cancel && !returns.get()).then(|| view! {
                <button
                    type="button"
                    class="button danger"
                    class:primary=move || crashes.get()
                    data-test="cancel"
                    disabled=busy
                    on:click=stop
                >
                    {label}
                </button>
            })}
            {returns.get().then(|| view! { <a class="button" href=logs.clone() data-test="open-log">"Open log"</a> })}
        }
    };
    view! {
        <span class="controls">{buttons}</span>
        <Refused failure=failure/>
    }
}
