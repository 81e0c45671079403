//! Deleting a deployment.

use domain::id::DeploymentId;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{Answers, Refused};
use crate::api::{self, Failure};
use crate::components::{Field, Modal, use_close};
use crate::pages::dialogs::Dialogs;
use crate::state::state;

/// Asks for the name of what is to be deleted.
#[component]
pub(crate) fn DeleteDialog(id: DeploymentId) -> impl IntoView {
    let dialogs = Dialogs::here();
    let name = state().deployment_now(&id).map(|view| view.name.to_string()).unwrap_or_default();
    view! {
        <Modal title=format!("Delete {name}?") name="delete" on_close=move || dialogs.closed()>
            <Question id=id/>
        </Modal>
    }
}

#[component]
fn Question(id: DeploymentId) -> impl IntoView {
    let state = state();
    let close = use_close();
    let view = state.deployment_now(&id);
    let pending = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let typed = RwSignal::new(String::new());
    let name = view.as_ref().map(|view| view.name.to_string()).unwrap_or_default();
    let url = view.as_ref().map(|view| view.url.clone()).unwrap_or_default();
    let says = format!("Delete {name}");
    let blocked = {
        let name = name.clone();
        Signal::derive(move || (typed.get().trim() != name).then(|| format!("Type {name} to delete it.")))
    };
    let confirm = move || {
        let Some(view) = view.clone() else { return };
        pending.set(true);
        failure.set(None);
        spawn_local(async move {
            match api::deployments::delete(&view.name).await {
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
            <p>"Its replicas finish the requests they have and end, and "<code>{url}</code>" is not answered any more. Models stay registered."</p>
            <Field label="Name of the deployment" name="delete-name" value=typed placeholder="as it is written above"/>
            <Refused failure=failure/>
        </div>
        <Answers says=says danger=true blocked=blocked pending=pending confirm=confirm/>
    }
}
