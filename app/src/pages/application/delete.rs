//! Deleting an application.

use domain::id::DeploymentId;
use leptos::prelude::*;

use crate::api;
use crate::components::{DialogFooter, Modal};
use crate::pages::dialogs::Dialogs;
use crate::pages::query_answer::Refused;
use crate::pages::submission::Submission;
use crate::state::state;

/// The dialog.
#[component]
pub(crate) fn DeleteApplicationDialog(id: DeploymentId) -> impl IntoView {
    let dialogs = Dialogs::here();
    let name = state().deployment_now(&id).map(|view| view.name.to_string()).unwrap_or_default();
    view! {
        <Modal title=format!("Delete the application of {name}?") name="delete-application" on_close=move || dialogs.closed()>
            <Question id=id/>
        </Modal>
    }
}

#[component]
fn Question(id: DeploymentId) -> impl IntoView {
    let submission = Submission::here();
    let known = state().deployment_now(&id);
    let confirm = move || {
        let Some(name) = known.as_ref().map(|view| view.name.clone()) else { return };
        submission.send_for(id.clone(), async move { api::predictions::delete_application(&name).await });
    };
    view! {
        <div class="content">
            <p>"Its page is gone for everybody who has the link. The deployment stays as it is and answers on."</p>
            <Refused failure=submission.failure/>
        </div>
        <DialogFooter label="Delete the application".to_owned() leave="Keep it" danger=true blocked=Signal::derive(|| None::<String>) pending=submission.pending confirm=confirm/>
    }
}
