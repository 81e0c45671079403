//! Removing a revision (VX-8).

use domain::id::{DeploymentId, RevisionNumber};
use leptos::prelude::*;

use super::ConfirmFooter;
use super::revision::revision_of;
use crate::api;
use crate::components::Modal;
use crate::pages::dialogs::Dialogs;
use crate::pages::query_answer::Refused;
use crate::pages::submission::Submission;
use crate::state::state;
use crate::words;

/// Asks whether the revision is to be removed.
#[component]
pub(crate) fn RemoveDialog(id: DeploymentId, number: RevisionNumber) -> impl IntoView {
    let dialogs = Dialogs::here();
    view! {
        <Modal title=format!("Remove revision {number}?") name="remove" on_close=move || dialogs.closed()>
            <Question id=id number=number/>
        </Modal>
    }
}

#[component]
fn Question(id: DeploymentId, number: RevisionNumber) -> impl IntoView {
    let view = state().deployment_now(&id);
    let submission = Submission::here();
    let revision = view.as_deref().and_then(|view| revision_of(view, number));
    let what = revision.map(|revision| format!("{}, {}", revision.configuration_name, words::models(&revision.models)));
    let confirm = move || {
        let Some(view) = view.clone() else { return };
        submission.send_for(view.id.clone(), async move { api::revisions::remove(&view.name, number).await });
    };
    view! {
        <div class="content">
            <p>
                "Nobody can roll back to revision "<b>{number.to_string()}</b>{what.map(|what| format!(" ({what})"))}
                " any more. Its configuration, its model and its history stay."
            </p>
            <Refused failure=submission.failure/>
        </div>
        <ConfirmFooter label=format!("Remove revision {number}") danger=true blocked=None pending=submission.pending confirm=confirm/>
    }
}
