//! Marking a revision as known to be bad, and taking the mark back (CO-6).

use domain::action::Action;
use domain::id::{DeploymentId, RevisionNumber};
use domain::wire::RevisionView;
use leptos::prelude::*;

use super::ConfirmFooter;
use super::revision::AboutRevision;
use crate::api;
use crate::components::{Field, Modal};
use crate::pages::actions::why_not_now;
use crate::pages::dialogs::Dialogs;
use crate::pages::query_answer::Refused;
use crate::pages::submission::{Submission, written};
use crate::state::state;

/// Asks for the reason.
#[component]
pub(crate) fn QuarantineDialog(id: DeploymentId, number: RevisionNumber) -> impl IntoView {
    let dialogs = Dialogs::here();
    let lifts = RwSignal::new(false);
    let title = move || match lifts.get() {
        true => format!("Lift the quarantine of revision {number}?"),
        false => format!("Quarantine revision {number}?"),
    };
    let asked = id.clone();
    let draw = move |revision: RevisionView| {
        let reason = revision.quarantined.map(|bad| bad.reason);
        lifts.set(reason.is_some());
        view! { <Question id=asked.clone() number=number reason=reason/> }.into_any()
    };
    view! {
        <Modal title=Signal::derive(title) name="quarantine" on_close=move || dialogs.closed()>
            <AboutRevision id=id number=number draw=draw/>
        </Modal>
    }
}

#[component]
fn Question(
    id: DeploymentId,
    number: RevisionNumber,
    /// The reason for its quarantine, when it is quarantined.
    reason: Option<String>,
) -> impl IntoView {
    let may_not = why_not_now(id.clone(), Action::Quarantine);
    let view = state().deployment_now(&id);
    let submission = Submission::here();
    let note = RwSignal::new(String::new());
    let lifts = reason.is_some();
    let effect = match &reason {
        Some(_) => "A revert may go back to it again, and rolling it out no longer needs an override.",
        None => {
            "Its replicas stay. A revert skips this revision, and its content can be rolled out again only with a written override."
        }
    };
    let (label, hint) =
        if lifts { ("Lift the quarantine", "What has been fixed?") } else { ("Quarantine", "What is wrong with it?") };
    let blocked = Signal::derive(move || {
        may_not.get().or_else(|| note.with(|note| note.trim().is_empty()).then(|| "Write the reason.".to_owned()))
    });
    let confirm = move || {
        let (Some(view), Some(note)) = (view.clone(), written(note)) else { return };
        submission.send_for(view.id.clone(), async move {
            match lifts {
                true => api::revisions::lift(&view.name, number, note).await,
                false => api::revisions::quarantine(&view.name, number, note).await,
            }
        });
    };
    view! {
        <div class="content">
            {reason.map(|reason| view! { <p>"It is quarantined: "{reason}</p> })}
            <p>{effect}</p>
            <Field label="Reason" name="quarantine-note" value=note placeholder=hint/>
            <Refused failure=submission.failure/>
        </div>
        <ConfirmFooter label=label.to_owned() blocked=blocked pending=submission.pending confirm=confirm/>
    }
}
