//! People, groups and services by their names.

use domain::principal::PrincipalId;
use leptos::prelude::*;

use crate::state::state;
use crate::words::requests::joined;

/// The name of one of them. It follows when the name changes.
#[component]
pub(crate) fn Named(id: PrincipalId) -> impl IntoView {
    let state = state();
    view! { <bdi>{move || state.name_of(&id)}</bdi> }
}

/// The names of several, as in *a, b and c*.
#[component]
pub(crate) fn NamedList(ids: Vec<PrincipalId>) -> impl IntoView {
    let state = state();
    view! { <bdi>{move || joined(&ids.iter().map(|id| state.name_of(id)).collect::<Vec<_>>(), "and")}</bdi> }
}
