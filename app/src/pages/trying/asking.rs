//! One request for a prediction after the other, and what came of the last.

use domain::id::DeploymentName;
use domain::wire::{AskPrediction, PredictionView};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::api::{self, Failure};
use crate::pages::kept_draft::KeptDraft;
use crate::state::{State, state};

/// A request and its answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answered {
    /// The body that was sent.
    pub(super) request: String,
    /// The answer of the model or the gateway.
    pub(super) view: PredictionView,
}

/// Asks, and keeps the last answer.
#[derive(Clone, Copy)]
pub(super) struct Asking {
    name: StoredValue<DeploymentName>,
    /// A request is on its way.
    pub(super) pending: RwSignal<bool>,
    /// The last answer.
    pub(super) answer: RwSignal<Option<Answered>>,
    /// The reason why there is none.
    pub(super) failure: RwSignal<Option<Failure>>,
    state: State,
}

impl Asking {
    /// Asks the deployment with this name; nothing yet.
    pub(super) fn new(name: DeploymentName) -> Self {
        Self {
            name: StoredValue::new(name),
            pending: RwSignal::new(false),
            answer: RwSignal::new(None),
            failure: RwSignal::new(None),
            state: state(),
        }
    }

    /// The name of the deployment.
    pub(super) fn name(self) -> DeploymentName {
        self.name.get_value()
    }

    /// The draft of its form: what was typed is there again after a reload, and for nobody else.
    pub(super) fn draft(self) -> KeptDraft {
        KeptDraft::of(self.state, &format!("try {}", self.name()))
    }

    /// Sends a request, unless one is on its way.
    pub(super) fn send(self, asked: AskPrediction) {
        if self.pending.get_untracked() {
            return;
        }
        let name = self.name();
        self.pending.set(true);
        self.failure.set(None);
        spawn_local(async move {
            match api::predictions::predict(&name, &asked).await {
                Ok(view) => {
                    self.answer.try_set(Some(Answered { request: asked.body, view }));
                }
                Err(refused) => {
                    self.answer.try_set(None);
                    self.failure.try_set(Some(self.state.noting(refused)));
                }
            }
            self.pending.try_set(false);
        });
    }
}
