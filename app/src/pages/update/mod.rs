//! Stub
use leptos::prelude::*;
use domain::id::*;
#[component]
pub(crate) fn UpdateDialog(id: DeploymentId, chosen: Option<ConfigurationId>) -> impl IntoView {let _=(id,chosen);}
