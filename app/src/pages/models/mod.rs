//! Stub.
use leptos::prelude::*;
#[component]
pub(crate) fn ModelsPage() -> impl IntoView {}
#[component]
pub(crate) fn RegisterDialog() -> impl IntoView {}
