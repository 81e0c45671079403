//! Stub
use leptos::prelude::*;
#[component]
pub(crate) fn PaletteDialog() -> impl IntoView {}
