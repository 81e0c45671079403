//! Cancelling a rollout.

use domain::action::Action;
use domain::id::{DeploymentId, RolloutNumber};
use leptos::prelude::*;

use super::ConfirmFooter;
use crate::api::{self, rollouts::Control};
use crate::components::Modal;
use crate::pages::actions::why_not_now;
use crate::pages::dialogs::Dialogs;
use crate::pages::query_answer::Refused;
use crate::pages::submission::Submission;
use crate::state::state;
use crate::words::news;

/// Asks whether the rollout is to be cancelled.
#[component]
pub(crate) fn CancelDialog(id: DeploymentId, number: RolloutNumber) -> impl IntoView {
    let dialogs = Dialogs::here();
    let name = state().deployment_now(&id).map(|view| view.name.to_string()).unwrap_or_default();
    let title = format!("Stop the rollout of {name}?");
    view! {
        <Modal title=title name="cancel" on_close=move || dialogs.closed()>
            <Question id=id number=number/>
        </Modal>
    }
}

#[component]
fn Question(id: DeploymentId, number: RolloutNumber) -> impl IntoView {
    let blocked = why_not_now(id.clone(), Action::Cancel);
    let view = state().deployment_now(&id);
    let submission = Submission::here();
    let name = view.as_ref().map(|view| view.name.to_string()).unwrap_or_default();
    let label = view.as_deref().map_or_else(|| "Stop and return".to_owned(), news::stop_and_return);
    let confirm = move || {
        let Some(view) = view.clone() else { return };
        submission.send_for(view.id.clone(), async move {
            api::rollouts::control(&view.name, number, Control::Cancel).await
        });
    };
    view! {
        <div class="content">
            <p>
                "The rollout of "<b>{name}</b>" stops, and every replica goes back to the revision before. The URL stays, and requests keep being answered."
            </p>
            <Refused failure=submission.failure/>
        </div>
        <ConfirmFooter label=label leave="Keep rolling out" danger=true blocked=blocked pending=submission.pending confirm=confirm/>
    }
}
