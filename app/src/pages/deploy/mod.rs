//! Stub
use domain::id::*;
use leptos::prelude::*;
#[component]
pub(crate) fn DeployDialog(model: Option<ModelRef>) -> impl IntoView {
    let _ = model;
}
