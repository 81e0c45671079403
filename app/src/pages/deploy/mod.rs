//! Stub
use leptos::prelude::*;
use domain::id::*;
#[component]
pub(crate) fn DeployDialog(model: Option<ModelRef>) -> impl IntoView {let _=model;}
