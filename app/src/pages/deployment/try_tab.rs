//! The page on which the deployment is tried, at its own address.

use leptos::prelude::*;

use super::subject::Subject;
use crate::api;
use crate::pages::trying::Trying;
use crate::state::{Query, state};

/// The page.
#[component]
pub(super) fn TryTab() -> impl IntoView {
    let state = state();
    let subject: Subject = expect_context();
    let (id, name) = (subject.id(), subject.name());
    let asked = name.clone();
    // Another configuration may take other input.
    let input = Query::whenever(
        move || state.touches(&id),
        move || {
            let name = asked.clone();
            async move { api::predictions::input(&name).await }
        },
    );
    view! { <Trying name=name input=input/> }
}
