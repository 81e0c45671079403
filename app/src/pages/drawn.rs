//! The page around a screen of the newer hand, which loses its colour while the connection is lost.

use leptos::prelude::*;

use crate::state::{Connection, state};

/// The page. What changes something is off while it may show old values.
#[component]
pub(crate) fn Drawn(children: Children) -> impl IntoView {
    let state = state();
    let lost = move || state.connection() == Connection::Lost;
    view! {
        <div class="page drawn" class:old=lost>
            {children()}
        </div>
    }
}

/// The sentence in place of a reason why not, while the page may show old values.
pub(crate) fn lost_connection() -> Option<String> {
    (state().connection() == Connection::Lost).then(|| "Connection lost".to_owned())
}
