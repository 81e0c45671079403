//! The request that a dialog sends to the server, and its outcome.

use std::future::Future;

use domain::id::DeploymentId;
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
    state: State,
    close: CloseModal,
}

impl Submission {
    /// That of the dialog around the caller.
    pub(crate) fn here() -> Self {
        Self { state: state(), close: use_close(), pending: RwSignal::new(false), failure: RwSignal::new(None) }
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
