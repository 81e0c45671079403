//! Deleting a deployment.

use domain::action::Action;
use domain::id::DeploymentId;
use domain::wire::DeleteDeployment;
use leptos::prelude::*;

use super::ConfirmFooter;
use crate::api;
use crate::components::{Field, Modal};
use crate::pages::actions::why_not_now;
use crate::pages::dialogs::Dialogs;
use crate::pages::query_answer::Refused;
use crate::pages::submission::{HowItIsDone, Submission};
use crate::state::state;

/// Asks for the name of what is to be deleted.
#[component]
pub(crate) fn DeleteDialog(id: DeploymentId) -> impl IntoView {
    let dialogs = Dialogs::here();
    let name = state().deployment_now(&id).map(|view| view.name.to_string()).unwrap_or_default();
    view! {
        <Modal title=format!("Delete {name}?") name="delete" on_close=move || dialogs.closed()>
            <Question id=id/>
        </Modal>
    }
}

#[component]
fn Question(id: DeploymentId) -> impl IntoView {
    let may_not = why_not_now(id.clone(), Action::Delete);
    let view = state().deployment_now(&id);
    let submission = Submission::here();
    let typed = RwSignal::new(String::new());
    let name = view.as_ref().map(|view| view.name.to_string()).unwrap_or_default();
    let url = view.as_ref().map(|view| view.url.clone()).unwrap_or_default();
    let label = format!("Delete {name}");
    let blocked = {
        let name = name.clone();
        let untyped = move || (typed.get().trim() != name).then(|| format!("Type {name} to delete it."));
        Signal::derive(move || may_not.get().or_else(&untyped).or_else(|| submission.blocked()))
    };
    let confirm = move || {
        let Some(view) = view.clone() else { return };
        let (apply, break_glass) = (submission.apply(), submission.break_glass());
        let how = DeleteDeployment { apply, break_glass, ..DeleteDeployment::default() };
        submission.send_for(view.id.clone(), async move { api::deployments::delete(&view.name, &how).await });
    };
    view! {
        <div class="content">
            <p>"Its replicas finish their requests and stop, and "<code>{url}</code>" no longer answers. Its models stay registered."</p>
            <Field label="Name of the deployment" name="delete-name" value=typed placeholder="as it is written above"/>
            <Refused failure=submission.failure/>
            <HowItIsDone submission=submission/>
        </div>
        <ConfirmFooter label=Signal::derive(move || submission.label(|| label.clone())) danger=true blocked=blocked pending=submission.pending confirm=confirm/>
    }
}
