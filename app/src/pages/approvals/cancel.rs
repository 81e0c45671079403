//! Cancelling a change request.

use domain::id::RequestId;
use domain::wire::ChangeRequestView;
use leptos::prelude::*;

use crate::api;
use crate::api::requests::RequestStep;
use crate::components::{DialogFooter, Modal};
use crate::pages::dialogs::Dialogs;
use crate::pages::query_answer::{Awaited, Refused};
use crate::pages::submission::Submission;
use crate::state::{Query, state};

/// Asks whether it is to end without a change.
#[component]
pub(crate) fn CancelRequestDialog(id: RequestId) -> impl IntoView {
    let dialogs = Dialogs::here();
    view! {
        <Modal title="Cancel this request?".to_owned() name="cancel-request" on_close=move || dialogs.closed()>
            <Question id=id/>
        </Modal>
    }
}

#[component]
fn Question(id: RequestId) -> impl IntoView {
    let state = state();
    let submission = Submission::here();
    let asked = id.clone();
    let query = Query::<ChangeRequestView>::whenever(
        move || state.requests_changed(),
        move || {
            let id = asked.clone();
            async move { api::requests::read(&id).await }
        },
    );
    let blocked = Signal::derive(move || {
        let Some(view) = query.value() else { return Some("The request has not been read.".to_owned()) };
        let offer = &view.offers.cancel;
        (!offer.allowed)
            .then(|| offer.why.clone().unwrap_or_else(|| "This request cannot be cancelled now.".to_owned()))
    });
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
            <Awaited query=query lines=1/>
            {move || query.value().map(|view| view! {
                <p>"The request “"<bdi>{view.title.clone()}</bdi>"” ends, and nothing is changed. Its discussion and its approvals stay in the history."</p>
            })}
            <Refused failure=submission.failure/>
        </div>
        <DialogFooter label="Cancel the request".to_owned() leave="Keep the request" danger=true blocked=blocked pending=submission.pending confirm=confirm/>
    }
}
