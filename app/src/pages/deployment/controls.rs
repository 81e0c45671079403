//! The buttons of a rollout in progress: pause, resume, cancel.

use domain::action::Action;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::subject::Subject;
use crate::api::rollouts::Control;
use crate::api::{self, Failure};
use crate::pages::actions::why_not;
use crate::pages::dialogs::{Dialogs, Open};
use crate::pages::query_answer::Refused;
use crate::state::state;
use crate::words::news;

/// Pause, resume, cancel. A button stays *pending* until the rollout has moved.
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
    let ask = move |what: Control| {
        let (Some(view), Some(rollout)) =
            (subject.view.get_untracked(), subject.rollout.value().and_then(|r| (*r).clone()))
        else {
            return;
        };
        pending.set(Some(what));
        failure.set(None);
        spawn_local(async move {
            if let Err(refused) = api::rollouts::control(&view.name, rollout.number, what).await {
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
    let button = move |what: Control, label: &'static str, doing: &'static str, name: &'static str| {
        view! {
            <button type="button" class="button small" data-test=name disabled=busy on:click=move |_| ask(what)>
                {move || if pending.get() == Some(what) { doing } else { label }}
            </button>
        }
    };
    let offered = Memo::new(move |_| {
        let allowed =
            |action| subject.view.with(|view| view.as_deref().is_some_and(|view| why_not(view, action).is_none()));
        (allowed(Action::Pause), allowed(Action::Resume))
    });
    let label =
        Memo::new(move |_| subject.view.with(|view| view.as_deref().map(news::stop_and_return).unwrap_or_default()));
    move || {
        let (pause, resume) = offered.get();
        if !pause && !resume {
            return ().into_any();
        }
        view! {
            <span class="controls">
                {pause.then(|| button(Control::Pause, "Pause", "Pausing…", "pause"))}
                {resume.then(|| button(Control::Resume, "Resume", "Resuming…", "resume"))}
                <button type="button" class="button small danger" data-test="cancel" disabled=busy on:click=cancel>{label}</button>
            </span>
            <Refused failure=failure/>
        }
        .into_any()
    }
}
