//! Removing a revision (VX-8).

use domain::action::Action;
use domain::id::{DeploymentId, RevisionNumber};
use domain::wire::RevisionView;
use leptos::prelude::*;

use super::ConfirmFooter;
use super::revision::AboutRevision;
use crate::api;
use crate::components::Modal;
use crate::pages::actions::why_not_now;
use crate::pages::dialogs::Dialogs;
use crate::pages::query_answer::Refused;
use crate::pages::submission::Submission;
use crate::state::state;
use crate::words;

/// Asks whether the revision is to be removed.
#[component]
pub(crate) fn RemoveDialog(id: DeploymentId, number: RevisionNumber) -> impl IntoView {
    let dialogs = Dialogs::here();
    let asked = id.clone();
    let draw = move |revision| view! { <Question id=asked.clone() revision=revision/> }.into_any();
    view! {
        <Modal title=format!("Remove revision {number}?") name="remove" on_close=move || dialogs.closed()>
            <AboutRevision id=id number=number draw=draw/>
        </Modal>
    }
}

#[component]
fn Question(id: DeploymentId, revision: RevisionView) -> impl IntoView {
    let blocked = why_not_now(id.clone(), Action::RemoveRevision);
    let view = state().deployment_now(&id);
    let submission = Submission::here();
    let number = revision.number;
    let what = format!("{}, {}", revision.configuration_name, words::models(&revision.models));
    let confirm = move || {
        let Some(view) = view.clone() else { return };
        submission.send_for(view.id.clone(), async move { api::revisions::remove(&view.name, number).await });
    };
    view! {
        <div class="content">
            <p>
                "Nobody can roll back to revision "<b>{number.to_string()}</b>{format!(" ({what})")}
                " any more. Its configuration, its model and its history stay."
            </p>
            <Refused failure=submission.failure/>
        </div>
        <ConfirmFooter label=format!("Remove revision {number}") danger=true blocked=blocked pending=submission.pending confirm=confirm/>
    }
}
