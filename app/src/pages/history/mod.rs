//! Stub.
use leptos::prelude::*;
#[component]
pub(crate) fn HistoryPage() -> impl IntoView {}
