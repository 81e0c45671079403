//! Making a key of a deployment anew (AZ-3).

use domain::credential::Key;
use domain::id::DeploymentId;
use leptos::prelude::*;

use super::ConfirmFooter;
use crate::api;
use crate::components::Modal;
use crate::pages::dialogs::Dialogs;
use crate::pages::query_answer::Refused;
use crate::pages::submission::Submission;
use crate::state::state;

/// Asks whether the key is to be made anew.
#[component]
pub(crate) fn RotateKeyDialog(id: DeploymentId, which: Key) -> impl IntoView {
    let dialogs = Dialogs::here();
    let name = state().deployment_now(&id).map(|view| view.name.to_string()).unwrap_or_default();
    view! {
        <Modal title=format!("Rotate the {which} key of {name}?") name="rotate-key" on_close=move || dialogs.closed()>
            <Question id=id which=which/>
        </Modal>
    }
}

#[component]
fn Question(id: DeploymentId, which: Key) -> impl IntoView {
    let view = state().deployment_now(&id);
    let submission = Submission::here();
    let other = match which {
        Key::Primary => Key::Secondary,
        Key::Secondary => Key::Primary,
    };
    let confirm = move || {
        let Some(view) = view.clone() else { return };
        submission.send_for(view.id.clone(), async move { api::credentials::rotate(&view.name, which).await });
    };
    view! {
        <div class="content">
            <p>{format!(
                "A new {which} key takes the place of the one there is. Clients that still send the old one are answered 401 a moment later. The {other} key stays as it is."
            )}</p>
            <p>{format!(
                "To change over without an outage, give every client the {other} key first, and rotate the {which} key once all of them use it."
            )}</p>
            <Refused failure=submission.failure/>
        </div>
        <ConfirmFooter label=format!("Rotate the {which} key") danger=true blocked=None pending=submission.pending confirm=confirm/>
    }
}
