//! The request that a dialog sends to the server, and its outcome.

use std::future::Future;

use domain::id::DeploymentId;
use domain::wire::{Apply, ApplyWhen, BreakGlass, ErrorCode};
use leptos::prelude::*;
use serde_json::Value;
use wasm_bindgen_futures::spawn_local;

use super::overriding::{Overridden, Override, OverrideFields};
use crate::api::Failure;
use crate::components::{CloseModal, use_close};
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
            overridable: RwSignal::new(Overridden::default()),
            overriding: Override::new(),
        }
    }

    /// When it is to be done: at once, until a policy or a freeze has kept it from that.
    pub(crate) fn apply(self) -> Apply {
        if self.asks.get_untracked() && !self.overriding.chosen.get_untracked() {
            Apply::When(ApplyWhen::WhenApproved)
        } else {
            Apply::default()
        }
    }

    /// The text of the button that sends it.
    pub(crate) fn label(self, at_once: impl Fn() -> String) -> String {
        match (self.asks.get(), self.overriding.chosen.get()) {
            (true, true) => format!("{}, overriding", at_once()),
            (true, false) => "Ask for it".to_owned(),
            (false, _) => at_once(),
        }
    }

    /// The override that is chosen.
    pub(crate) fn break_glass(self) -> Option<BreakGlass> {
        let chosen = self.asks.get_untracked() && self.overriding.chosen.get_untracked();
        self.overriding.of(self.overridable.get_untracked()).filter(|_| chosen)
    }

    /// The reason why it cannot be sent as it is chosen; `None` when it can.
    pub(crate) fn blocked(self) -> Option<String> {
        let chosen = self.asks.get() && self.overriding.chosen.get();
        self.overriding.blocked().filter(|_| chosen)
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

/// Break-glass, where the server has refused a change that the caller may override.
#[component]
pub(crate) fn Overrides(submission: Submission) -> impl IntoView {
    let may = move || submission.asks.get() && submission.state.may_break_glass();
    view! {
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
