//! What may be done with a deployment now, and why not where it may not.

use domain::deployment::{OperationKind, TargetStatus, may, takes_over};
use domain::wire::DeploymentView;
use leptos::prelude::*;

use super::dialogs::{Dialogs, Open};
use crate::api::deployments::Operation;
use crate::components::{Menu, MenuItem};
use crate::words;

/// Why a deployment cannot be given another configuration now; `None` when it can.
pub(crate) fn update_blocked(deployment: &DeploymentView) -> Option<String> {
    if let Some(operation) = &deployment.operation {
        let what = words::operating(operation.operation);
        return Some(format!("{what} since {} asked for it", operation.actor));
    }
    let (status, _) = words::status(deployment.status);
    (!may(OperationKind::Update, deployment.status)).then(|| format!("a deployment that is {status} cannot be updated"))
}

/// Why a deployment cannot go back to an earlier revision now; `None` when it can.
pub(crate) fn roll_back_blocked(deployment: &DeploymentView) -> Option<String> {
    let (status, _) = words::status(deployment.status);
    if deployment.target_status == TargetStatus::Deleted {
        return Some("it is being deleted".to_owned());
    }
    if !may(OperationKind::Update, deployment.status) {
        return Some(format!("a deployment that is {status} cannot be updated"));
    }
    (deployment.revision.0 < 2).then(|| "there is no earlier revision".to_owned())
}

/// Why a deployment cannot be deleted now; `None` when it can.
fn delete_blocked(deployment: &DeploymentView) -> Option<String> {
    if deployment.target_status == TargetStatus::Deleted {
        return Some("it is being deleted".to_owned());
    }
    let operation = deployment.operation.as_ref().filter(|one| !takes_over(OperationKind::Delete, one.operation))?;
    Some(format!("{} is in progress", words::operating(operation.operation)))
}

/// Why an operation cannot be begun on a deployment now; `None` when it can.
pub(crate) fn operation_blocked(deployment: &DeploymentView, operation: Operation) -> Option<String> {
    let kind = match operation {
        Operation::Deactivate => OperationKind::Deactivate,
        Operation::Activate => OperationKind::Activate,
        Operation::Relaunch => OperationKind::Relaunch,
    };
    if let Some(running) = deployment.operation.as_ref().filter(|running| !takes_over(kind, running.operation)) {
        let what = words::operating(running.operation);
        return Some(format!("{what} since {} asked for it", running.actor));
    }
    let (status, _) = words::status(deployment.status);
    (!may(kind, deployment.status)).then(|| format!("it is {status}"))
}

/// Whether a deployment was deactivated, or is just being.
pub(crate) fn is_deactivated(deployment: &DeploymentView) -> bool {
    deployment.target_status == TargetStatus::Stopped
}

/// What can be asked of a deployment as a whole: label, name in tests, and what it is.
pub(crate) fn offered(deployment: &DeploymentView) -> Vec<(&'static str, &'static str, Operation)> {
    if is_deactivated(deployment) {
        return vec![("Activate…", "action-activate", Operation::Activate)];
    }
    vec![
        ("Relaunch…", "action-relaunch", Operation::Relaunch),
        ("Deactivate…", "action-deactivate", Operation::Deactivate),
    ]
}

/// The menu of a deployment.
#[component]
pub(crate) fn ActionsMenu(
    #[prop(into)] deployment: Signal<Option<std::sync::Arc<DeploymentView>>>,
    /// Whether it can be opened from here.
    #[prop(optional)]
    opens: bool,
) -> impl IntoView {
    let dialogs = Dialogs::here();
    let Some(first) = deployment.get_untracked() else { return ().into_any() };
    let navigate = leptos_router::hooks::use_navigate();
    let navigate = StoredValue::new_local(navigate);
    view! {
        <Menu label=format!("Actions for {}", first.name) id=first.id.to_string()>
            {move || deployment.get().map(|deployment| {
                let name = deployment.name.clone();
                let open = move || navigate.with_value(|go| go(&format!("/deployments/{name}"), Default::default()));
                let (update, back, delete) = (deployment.id.clone(), deployment.id.clone(), deployment.id.clone());
                let (settings, offers) = (deployment.id.clone(), offered(&deployment));
                view! {
                    {opens.then(|| view! { <MenuItem label="Open" name="action-open" on_choose=open/> })}
                    <MenuItem
                        label="Update…"
                        name="action-update"
                        blocked=update_blocked(&deployment)
                        on_choose=move || dialogs.open(Open::Update(update.clone(), None))
                    />
                    <MenuItem
                        label="Roll back…"
                        name="action-roll-back"
                        blocked=roll_back_blocked(&deployment)
                        on_choose=move || dialogs.open(Open::RollBack(back.clone(), None))
                    />
                    <MenuItem
                        label="Settings…"
                        name="action-settings"
                        on_choose=move || dialogs.open(Open::Settings(settings.clone()))
                    />
                    {offers.into_iter().map(|(label, name, operation)| {
                        let id = deployment.id.clone();
                        view! {
                            <MenuItem
                                label=label
                                name=name
                                blocked=operation_blocked(&deployment, operation)
                                on_choose=move || dialogs.open(Open::Operate(id.clone(), operation))
                            />
                        }
                    }).collect_view()}
                    <MenuItem
                        label="Delete…"
                        name="action-delete"
                        danger=true
                        blocked=delete_blocked(&deployment)
                        on_choose=move || dialogs.open(Open::Delete(delete.clone()))
                    />
                }
            })}
        </Menu>
    }
    .into_any()
}
