//! The request that a dialog sends to the server, and its outcome.

use std::future::Future;

use domain::id::DeploymentId;
use domain::wire::{Apply, ApplyWhen, BreakGlass, ErrorCode};
use leptos::prelude::*;
use serde_json::Value;
use wasm_bindgen_futures::spawn_local;

use super::chosen_time::{ChosenTime, LATER, TimeFields};
use super::overriding::{Overridden, Override, OverrideFields};
use crate::api::Failure;
use crate::components::{Check, CloseModal, use_close};
use crate::state::{State, state};

/// A request to the server. The dialog closes when it was granted.
#[derive(Clone, Copy)]
pub(crate) struct Submission {
    /// The request is on its way.
    pub(crate) pending: RwSignal<bool>,
    /// The reason why the server refused it.
    pub(crate) failure: RwSignal<Option<Failure>>,
    /// A policy or a freeze keeps it from being done at once, so that it is asked for.
    pub(crate) asks: RwSignal<bool>,
    /// It is to be done at a time.
    at_a_time: RwSignal<bool>,
    time: ChosenTime,
    /// The things that keep it from that, as the server named them.
    overridable: RwSignal<Overridden>,
    overriding: Override,
    state: State,
    close: CloseModal,
}

impl Submission {
    /// That of the dialog around the caller.
    pub(crate) fn here() -> Self {
        Self {
            state: state(),
            close: use_close(),
            pending: RwSignal::new(false),
            failure: RwSignal::new(None),
            asks: RwSignal::new(false),
            at_a_time: RwSignal::new(false),
            time: ChosenTime::new(),
            overridable: RwSignal::new(Overridden::default()),
            overriding: Override::new(),
        }
    }

    /// When it is to be done: at the time that is chosen, else at once, until a policy or a freeze has kept it from that.
    pub(crate) fn apply(self) -> Apply {
        untrack(|| match (self.asks.get(), self.overrides(), self.at_a_time.get()) {
            (_, true, _) | (false, _, false) => Apply::default(),
            (_, false, true) => self.time.asked(None),
            (true, false, false) => Apply::When(ApplyWhen::WhenApproved),
        })
    }

    fn overrides(self) -> bool {
        self.asks.get() && self.overriding.chosen.get()
    }

    /// The text of the button that sends it.
    pub(crate) fn label(self, at_once: impl Fn() -> String) -> String {
        match (self.asks.get(), self.overrides(), self.at_a_time.get()) {
            (_, true, _) => format!("{}, and override", at_once()),
            (true, false, _) => "Ask for the change".to_owned(),
            (false, _, true) => self.time.label(),
            (false, _, false) => at_once(),
        }
    }

    /// The override that is chosen.
    pub(crate) fn break_glass(self) -> Option<BreakGlass> {
        let chosen = untrack(|| self.overrides());
        self.overriding.of(self.overridable.get_untracked()).filter(|_| chosen)
    }

    /// The reason why it cannot be sent as it is chosen; `None` when it can.
    pub(crate) fn blocked(self) -> Option<String> {
        if self.overrides() {
            return self.overriding.blocked();
        }
        self.at_a_time.get().then(|| self.time.blocked(self.state.now().get())).flatten()
    }

    /// Sends a request about a deployment, which is read anew afterwards.
    pub(crate) fn send_for(self, id: DeploymentId, request: impl Future<Output = Result<(), Failure>> + 'static) {
        self.send(async move {
            request.await?;
            self.state.touch(id);
            Ok(())
        });
    }

    /// Sends a request, and closes the dialog when it was granted.
    pub(crate) fn send(self, request: impl Future<Output = Result<(), Failure>> + 'static) {
        self.pending.set(true);
        self.failure.set(None);
        spawn_local(async move {
            match request.await {
                Ok(()) => self.close.run(),
                Err(refused) => {
                    if let Some(overridable) = overridable(&refused) {
                        self.asks.try_set(true);
                        self.overridable.try_set(overridable);
                    }
                    self.failure.try_set(Some(self.state.noting(refused)));
                }
            }
            self.pending.try_set(false);
        });
    }
}

/// The things for which a change was refused and that can be overridden, as the refusal names them.
fn overridable(refused: &Failure) -> Option<Overridden> {
    if !refused.is(ErrorCode::ApprovalRequired) && !refused.is(ErrorCode::Frozen) {
        return None;
    }
    let Failure::Refused(problem) = refused else { return None };
    let ids = |field| {
        let named = problem.more.get(field).and_then(Value::as_array).into_iter().flatten();
        named.filter_map(|one| one.get("id")?.as_str())
    };
    Some(Overridden {
        policies: ids("policies").filter_map(|id| id.parse().ok()).collect(),
        freezes: ids("freezes").filter_map(|id| id.parse().ok()).collect(),
    })
}

/// When it is done, and break-glass, where the server has refused a change that the caller may override.
#[component]
pub(crate) fn HowItIsDone(
    submission: Submission,
    /// It can be done at a time too.
    #[prop(default = true)]
    timed: bool,
) -> impl IntoView {
    let may = move || submission.asks.get() && submission.state.may_break_glass();
    view! {
        <Show when=move || timed>
            <Check label="At a time" name="at-a-time" value=submission.at_a_time/>
        </Show>
        <Show when=move || submission.at_a_time.get()>
            <div class="when">
                <div class="form">
                    <TimeFields choice=submission.time/>
                </div>
                <p class="sub">{LATER}</p>
            </div>
        </Show>
        <Show when=may>
            <OverrideFields choice=submission.overriding of=submission.overridable/>
        </Show>
    }
}

/// The text of a field without the space around it; `None` for an empty one.
pub(crate) fn written(text: RwSignal<String>) -> Option<String> {
    let text = text.get_untracked();
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}
