//! Cancelling a change request.

use domain::id::RequestId;
use leptos::prelude::*;

use crate::api;
use crate::api::requests::RequestStep;
use crate::components::{DialogFooter, Modal};
use crate::pages::dialogs::Dialogs;
use crate::pages::query_answer::Refused;
use crate::pages::submission::Submission;
use crate::state::state;

/// Asks whether it is to end without a change.
#[component]
pub(crate) fn CancelRequestDialog(id: RequestId, title: String) -> impl IntoView {
    let dialogs = Dialogs::here();
    view! {
        <Modal title="Cancel this request?".to_owned() name="cancel-request" on_close=move || dialogs.closed()>
            <Question id=id title=title/>
        </Modal>
    }
}

#[component]
fn Question(id: RequestId, title: String) -> impl IntoView {
    let state = state();
    let submission = Submission::here();
    let confirm = move || {
        let id = id.clone();
        submission.send(async move {
            api::requests::step(&id, RequestStep::Cancel).await?;
            state.reread_around();
            Ok(())
        });
    };
    view! {
        <div class="content">
            <p>{format!("The request “{title}” ends, and nothing is changed. Its discussion and its approvals stay in the history.")}</p>
            <Refused failure=submission.failure/>
        </div>
        <DialogFooter label="Cancel the request".to_owned() leave="Keep the request" danger=true blocked=Signal::derive(|| None::<String>) pending=submission.pending confirm=confirm/>
    }
}
