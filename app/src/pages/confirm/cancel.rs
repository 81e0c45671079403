//! Cancelling a rollout.

use domain::id::{DeploymentId, RolloutNumber};
use leptos::prelude::*;

use super::{Answers, Refused};
use crate::api::{self, rollouts::Ask};
use crate::components::Modal;
use crate::pages::dialogs::Dialogs;
use crate::pages::doing::Doing;
use crate::state::state;

/// Asks whether the rollout is to be cancelled.
#[component]
pub(crate) fn CancelDialog(id: DeploymentId, number: RolloutNumber) -> impl IntoView {
    let dialogs = Dialogs::here();
    view! {
        <Modal title=format!("Cancel rollout {number}?") name="cancel" on_close=move || dialogs.closed()>
            <Question id=id number=number/>
        </Modal>
    }
}

#[component]
fn Question(id: DeploymentId, number: RolloutNumber) -> impl IntoView {
    let view = state().deployment_now(&id);
    let doing = Doing::here();
    let name = view.as_ref().map(|view| view.name.to_string()).unwrap_or_default();
    let confirm = move || {
        let Some(view) = view.clone() else { return };
        doing.ask(view.id.clone(), async move { api::rollouts::ask(&view.name, number, Ask::Cancel).await });
    };
    view! {
        <div class="content">
            <p>
                "The rollout of "<b>{name}</b>" stops, and every replica goes back to the revision before. The URL stays, and requests keep being answered."
            </p>
            <Refused failure=doing.failure/>
        </div>
        <Answers says="Cancel and go back".to_owned() danger=true blocked=None pending=doing.pending confirm=confirm/>
    }
}
