//! Removing a revision (VX-8).

use domain::id::{DeploymentId, RevisionNumber};
use leptos::prelude::*;

use super::revision::revision_of;
use super::{Answers, Refused};
use crate::api;
use crate::components::Modal;
use crate::pages::dialogs::Dialogs;
use crate::pages::doing::Doing;
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
    let doing = Doing::here();
    let revision = view.as_deref().and_then(|view| revision_of(view, number));
    let what = revision.map(|revision| format!("{}, {}", revision.configuration_name, words::models(&revision.models)));
    let confirm = move || {
        let Some(view) = view.clone() else { return };
        doing.ask(view.id.clone(), async move { api::revisions::remove(&view.name, number).await });
    };
    view! {
        <div class="content">
            <p>
                "Nobody can roll back to revision "<b>{number.to_string()}</b>{what.map(|what| format!(" ({what})"))}
                " any more. Its configuration, its model and its history stay."
            </p>
            <Refused failure=doing.failure/>
        </div>
        <Answers says=format!("Remove revision {number}") danger=true blocked=None pending=doing.pending confirm=confirm/>
    }
}
