//! The request that a dialog sends to the server, and its outcome.

use std::future::Future;

use domain::id::DeploymentId;
use domain::wire::{Apply, ApplyWhen, ErrorCode};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

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
        }
    }

    /// When it is to be done: at once, until a policy or a freeze has kept it from that.
    pub(crate) fn apply(self) -> Apply {
        if self.asks.get_untracked() { Apply::When(ApplyWhen::WhenApproved) } else { Apply::default() }
    }

    /// The text of the button that sends it.
    pub(crate) fn label(self, at_once: impl Fn() -> String) -> String {
        if self.asks.get() { "Ask for it".to_owned() } else { at_once() }
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
                    if refused.is(ErrorCode::ApprovalRequired) || refused.is(ErrorCode::Frozen) {
                        self.asks.try_set(true);
                    }
                    self.failure.try_set(Some(self.state.noting(refused)));
                }
            }
            self.pending.try_set(false);
        });
    }
}

/// The text of a field without the space around it; `None` for an empty one.
pub(crate) fn written(text: RwSignal<String>) -> Option<String> {
    let text = text.get_untracked();
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}
