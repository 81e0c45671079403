//! Stub.
use leptos::prelude::*;
#[component]
pub(crate) fn DeploymentPage() -> impl IntoView {}
