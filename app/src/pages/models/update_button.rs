//! A newer version for a deployment, as what opens *Update* with it chosen.

use domain::action::Action;
use domain::id::{DeploymentId, ModelRef};
use leptos::prelude::*;

use crate::pages::actions::why_not;
use crate::pages::dialogs::{Dialogs, Open, UpdateTo};
use crate::pages::drawn::lost_connection;
use crate::state::state;

/// *v3 available*: a button, or where the deployment cannot be updated now the same with the reason.
#[component]
pub(super) fn UpdateButton(deployment: DeploymentId, to: ModelRef) -> impl IntoView {
    let state = state();
    let dialogs = Dialogs::here();
    let view = {
        let deployment = deployment.clone();
        Memo::new(move |_| state.deployment(&deployment))
    };
    let blocked = Memo::new(move |_| {
        lost_connection().or_else(|| view.with(|view| view.as_deref().and_then(|view| why_not(view, Action::Update))))
    });
    let label = format!("v{} available", to.version);
    let opens = format!("Opens Update with {to} chosen.");
    view! {
        <button
            type="button"
            class="link-button small"
            data-test="update-to"
            data-version=to.to_string()
            disabled=move || blocked.with(Option::is_some)
            title=move || blocked.get().unwrap_or_else(|| opens.clone())
            on:click=move |_| dialogs.open(Open::Update(deployment.clone(), Some(UpdateTo::Version(to.clone()))))
        >
            {label}
        </button>
    }
}
