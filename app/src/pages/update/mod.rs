//! Stub
use domain::id::*;
use leptos::prelude::*;
#[component]
pub(crate) fn UpdateDialog(id: DeploymentId, chosen: Option<ConfigurationId>) -> impl IntoView {
    let _ = (id, chosen);
}
