//! Cancelling a rollout.

use domain::id::{DeploymentId, RolloutNumber};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{Answers, Refused};
use crate::api::{self, Failure, rollouts::Ask};
use crate::components::{Modal, use_close};
use crate::pages::dialogs::Dialogs;
use crate::state::state;

/// Asks whether the rollout is to be cancelled.
#[component]
pub(crate) fn CancelDialog(id: DeploymentId, number: RolloutNumber) -> impl IntoView {
    let dialogs = Dialogs::here();
    view! {
        <Modal title=format!("Cancel rollout {number}?") name="cancel" on_close=move || dialogs.closed()>
            <Question id=id number=number/>
        </Modal>
    }
}

#[component]
fn Question(id: DeploymentId, number: RolloutNumber) -> impl IntoView {
    let state = state();
    let close = use_close();
    let view = state.deployment_now(&id);
    let pending = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let name = view.as_ref().map(|view| view.name.to_string()).unwrap_or_default();
    let confirm = move || {
        let Some(view) = view.clone() else { return };
        pending.set(true);
        failure.set(None);
        spawn_local(async move {
            match api::rollouts::ask(&view.name, number, Ask::Cancel).await {
                Ok(()) => {
                    state.touch(view.id.clone());
                    close.run();
                }
                Err(refused) => {
                    failure.try_set(Some(state.noting(refused)));
                }
            }
            pending.try_set(false);
        });
    };
    view! {
        <div class="content">
            <p>
                "The rollout of "<b>{name}</b>" stops, and every replica goes back to the revision before. The URL stays, and requests keep being answered."
            </p>
            <Refused failure=failure/>
        </div>
        <Answers says="Cancel and go back".to_owned() danger=true blocked=None pending=pending confirm=confirm/>
    }
}
