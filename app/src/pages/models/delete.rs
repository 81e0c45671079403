//! Deleting a version of a model.

use domain::access::ServerAction;
use domain::id::ModelRef;
use leptos::prelude::*;

use crate::api;
use crate::components::{Field, Modal};
use crate::pages::actions::why_not_here;
use crate::pages::confirm::ConfirmFooter;
use crate::pages::dialogs::Dialogs;
use crate::pages::query_answer::Refused;
use crate::pages::submission::Submission;
use crate::words;

/// Asks for the name of what is to be deleted.
#[component]
pub(crate) fn DeleteModelDialog(model: ModelRef) -> impl IntoView {
    let dialogs = Dialogs::here();
    let title = format!("Delete {}?", words::models(std::slice::from_ref(&model)));
    view! {
        <Modal title=title name="delete-model" on_close=move || dialogs.closed()>
            <Question model=model/>
        </Modal>
    }
}

#[component]
fn Question(model: ModelRef) -> impl IntoView {
    let submission = Submission::here();
    let typed = RwSignal::new(String::new());
    let name = model.to_string();
    let label = format!("Delete {}", words::models(std::slice::from_ref(&model)));
    let expected = name.clone();
    let blocked = Signal::derive(move || {
        let untyped = || (typed.get().trim() != expected).then(|| format!("Type {expected} to delete it."));
        why_not_here(ServerAction::RegisterModel).or_else(untyped)
    });
    let confirm = move || {
        let model = model.clone();
        submission.send(async move { api::models::delete(&model).await });
    };
    view! {
        <div class="content">
            <p>"Its file is removed, and no deployment can be updated to it any more. Its version number is not used again, and its entries stay in the history."</p>
            <Field label="Name and version" name="delete-name" value=typed placeholder="as it is written below"/>
            <Refused failure=submission.failure/>
        </div>
        <ConfirmFooter label=label danger=true blocked=blocked pending=submission.pending confirm=confirm/>
    }
}
