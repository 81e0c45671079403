//! The actions of a deployment, with the server's reasons where one is not allowed now.

use domain::access::{Denied, ServerAction};
use domain::action::Action;
use domain::deployment::TargetStatus;
use domain::id::{DeploymentId, DeploymentName};
use domain::wire::DeploymentView;
use leptos::prelude::*;
use leptos_router::NavigateOptions;

use super::dialogs::{Dialogs, Open};
use super::drawn::lost_connection;
use crate::api::deployments::Operation;
use crate::api::href;
use crate::components::{Menu, MenuItem};
use crate::state::state;

/// The reason why an action cannot be done with a deployment now, as the server told it; `None` when it can.
pub(crate) fn why_not(deployment: &DeploymentView, action: Action) -> Option<String> {
    match deployment.actions.iter().find(|offered| offered.action == action) {
        Some(offered) if offered.allowed => None,
        Some(offered) => Some(offered.why.clone().unwrap_or_default()),
        None => Some("This action is not possible for this deployment.".to_owned()),
    }
}

/// The reason why an action cannot be done with a deployment as it is at each moment; `None` while it can.
pub(crate) fn why_not_now(id: DeploymentId, action: Action) -> Memo<Option<String>> {
    let state = state();
    Memo::new(move |_| {
        lost_connection().or_else(|| match state.deployment(&id) {
            Some(view) => why_not(&view, action),
            None => Some("The deployment was deleted.".to_owned()),
        })
    })
}

/// The reason why whoever looks at the page may not do something with the server as a whole.
pub(crate) fn why_not_here(action: ServerAction) -> Option<String> {
    let least = action.needs().server;
    state().session().filter(|session| session.server_role < least).map(|_| Denied::ServerRole(least).to_string())
}

/// The action that begins an operation.
pub(crate) fn beginning(operation: Operation) -> Action {
    match operation {
        Operation::Deactivate => Action::Deactivate,
        Operation::Activate => Action::Activate,
        Operation::Relaunch => Action::Relaunch,
    }
}

/// True when a deployment is deactivated or about to be.
pub(crate) fn is_deactivated(deployment: &DeploymentView) -> bool {
    deployment.target_status == TargetStatus::Stopped
}

/// The operations on a deployment that the menu offers now: label, name in tests, and operation.
pub(crate) fn offered(deployment: &DeploymentView) -> Vec<(&'static str, &'static str, Operation)> {
    if is_deactivated(deployment) {
        return vec![("Activate…", "action-activate", Operation::Activate)];
    }
    vec![
        ("Relaunch…", "action-relaunch", Operation::Relaunch),
        ("Deactivate…", "action-deactivate", Operation::Deactivate),
    ]
}

/// The address of the page on which a deployment is tried.
pub(crate) fn try_address(name: &DeploymentName) -> String {
    href(&format!("/deployments/{name}?tab=try"))
}

/// The menu of a deployment.
#[component]
pub(crate) fn ActionsMenu(
    #[prop(into)] deployment: Signal<Option<std::sync::Arc<DeploymentView>>>,
    /// It can be opened from here.
    #[prop(optional)]
    opens: bool,
) -> impl IntoView {
    let dialogs = Dialogs::here();
    let Some(first) = deployment.get_untracked() else { return ().into_any() };
    // An open menu is not drawn anew for every request.
    let deployment = Memo::new(move |_| deployment.with(|view| view.as_deref().map(DeploymentView::at_rest)));
    let navigate = leptos_router::hooks::use_navigate();
    let navigate = StoredValue::new_local(navigate);
    view! {
        <Menu label=format!("Actions for {}", first.name) id=first.id.to_string()>
            {move || deployment.get().map(|deployment| {
                let (name, settled) = (deployment.name.clone(), deployment.name.clone());
                let open = move || navigate.with_value(|go| go(&format!("/deployments/{name}"), Default::default()));
                let (update, back, delete) = (deployment.id.clone(), deployment.id.clone(), deployment.id.clone());
                let clear = deployment.id.clone();
                let (link, offers) = (deployment.id.clone(), offered(&deployment));
                let settings = move || {
                    navigate.with_value(|go| go(&format!("/deployments/{settled}?tab=settings"), Default::default()));
                };
                let address = try_address(&deployment.name);
                let go_try = move || {
                    let options = NavigateOptions { resolve: false, ..Default::default() };
                    navigate.with_value(|go| go(&address, options));
                };
                let (application, without) = (deployment.id.clone(), deployment.id.clone());
                let has_application = deployment.application.is_some();
                view! {
                    {opens.then(|| view! { <MenuItem label="Open" name="action-open" on_choose=open/> })}
                    <MenuItem label="Try it" name="action-try" blocked=why_not(&deployment, Action::Predict) on_choose=go_try/>
                    <MenuItem
                        label="Update…"
                        name="action-update"
                        blocked=why_not(&deployment, Action::Update)
                        on_choose=move || dialogs.open(Open::Update(update.clone(), None))
                    />
                    <MenuItem
                        label="Roll back…"
                        name="action-roll-back"
                        blocked=why_not(&deployment, Action::RollBack)
                        on_choose=move || dialogs.open(Open::RollBack(back.clone(), None))
                    />
                    <MenuItem
                        label="Settings"
                        name="action-settings"
                        on_choose=settings
                    />
                    <MenuItem
                        label="Link to a use case…"
                        name="action-link"
                        blocked=why_not(&deployment, Action::LinkUseCases)
                        on_choose=move || dialogs.open(Open::LinkUseCases(link.clone()))
                    />
                    <MenuItem
                        label=if has_application { "Edit application…" } else { "Create application…" }
                        name="action-application"
                        blocked=why_not(&deployment, Action::ManageApplication)
                        on_choose=move || dialogs.open(Open::Application(application.clone()))
                    />
                    {has_application.then(|| view! {
                        <MenuItem
                            label="Delete application…"
                            name="action-delete-application"
                            blocked=why_not(&deployment, Action::ManageApplication)
                            on_choose=move || dialogs.open(Open::DeleteApplication(without.clone()))
                        />
                    })}
                    {offers.into_iter().map(|(label, name, operation)| {
                        let id = deployment.id.clone();
                        view! {
                            <MenuItem
                                label=label
                                name=name
                                blocked=why_not(&deployment, beginning(operation))
                                on_choose=move || dialogs.open(Open::Operate(id.clone(), operation))
                            />
                        }
                    }).collect_view()}
                    <MenuItem
                        label="Clear statistics…"
                        name="action-clear-statistics"
                        blocked=why_not(&deployment, Action::ClearStatistics)
                        on_choose=move || dialogs.open(Open::ClearStatistics(clear.clone()))
                    />
                    <MenuItem
                        label="Delete…"
                        name="action-delete"
                        danger=true
                        blocked=why_not(&deployment, Action::Delete)
                        on_choose=move || dialogs.open(Open::Delete(delete.clone()))
                    />
                }
            })}
        </Menu>
    }
    .into_any()
}
