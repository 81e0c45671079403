//! Revoking the tokens of a deployment's callers (AZ-3).

use domain::id::DeploymentId;
use leptos::prelude::*;

use super::ConfirmFooter;
use crate::api;
use crate::components::Modal;
use crate::pages::dialogs::Dialogs;
use crate::pages::query_answer::Refused;
use crate::pages::submission::Submission;
use crate::state::state;

/// Asks whether every token is to be revoked.
#[component]
pub(crate) fn RevokeTokensDialog(id: DeploymentId) -> impl IntoView {
    let dialogs = Dialogs::here();
    let name = state().deployment_now(&id).map(|view| view.name.to_string()).unwrap_or_default();
    view! {
        <Modal title=format!("Revoke every token of {name}?") name="revoke-tokens" on_close=move || dialogs.closed()>
            <Question id=id/>
        </Modal>
    }
}

#[component]
fn Question(id: DeploymentId) -> impl IntoView {
    let view = state().deployment_now(&id);
    let submission = Submission::here();
    let confirm = move || {
        let Some(view) = view.clone() else { return };
        submission.send_for(view.id.clone(), async move { api::credentials::revoke(&view.name).await });
    };
    view! {
        <div class="content">
            <p>"No token that was made until now is accepted any more, whoever holds it: each of these clients is answered 401 until it sends a new one. A single token cannot be revoked, because none is kept."</p>
            <Refused failure=submission.failure/>
        </div>
        <ConfirmFooter label="Revoke every token".to_owned() danger=true blocked=None pending=submission.pending confirm=confirm/>
    }
}
