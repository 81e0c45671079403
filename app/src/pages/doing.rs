//! What a dialog asks of the server, and what it tells meanwhile.

use std::future::Future;

use domain::id::DeploymentId;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::api::Failure;
use crate::components::{CloseModal, use_close};
use crate::state::{State, state};

/// Something that is asked of the server once; the dialog closes when it was done.
#[derive(Clone, Copy)]
pub(crate) struct Doing {
    /// It was asked for, and the answer is on its way.
    pub(crate) pending: RwSignal<bool>,
    /// What was refused.
    pub(crate) failure: RwSignal<Option<Failure>>,
    state: State,
    close: CloseModal,
}

impl Doing {
    /// In the dialog around the caller.
    pub(crate) fn here() -> Self {
        Self { state: state(), close: use_close(), pending: RwSignal::new(false), failure: RwSignal::new(None) }
    }

    /// Asks; afterwards the deployment is read anew.
    pub(crate) fn ask(self, id: DeploymentId, asked: impl Future<Output = Result<(), Failure>> + 'static) {
        self.pending.set(true);
        self.failure.set(None);
        spawn_local(async move {
            match asked.await {
                Ok(()) => {
                    self.state.touch(id);
                    self.close.run();
                }
                Err(refused) => {
                    self.failure.try_set(Some(self.state.noting(refused)));
                }
            }
            self.pending.try_set(false);
        });
    }
}

/// What somebody wrote, if anything.
pub(crate) fn written(text: RwSignal<String>) -> Option<String> {
    let text = text.get_untracked();
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}
