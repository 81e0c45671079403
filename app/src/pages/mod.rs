//! The screens, and the only place that joins state, API and components.

mod actions;
mod application;
mod approvals;
mod broken_off;
mod checks_form;
mod chosen_time;
mod client_script;
mod configuration_list;
mod confirm;
mod deploy;
mod deployment;
mod deployments;
mod dialog;
mod dialogs;
mod drawn;
mod drop_anywhere;
mod dropped;
mod failure_modes;
mod frame;
mod freezes;
#[cfg(feature = "gallery")]
mod gallery;
mod heard;
mod history;
mod in_address;
mod kept_draft;
mod kept_focus;
mod me;
mod model_address;
mod model_file;
mod models;
mod named;
mod navigation;
mod notifications;
mod open_dialog;
mod overriding;
mod page_title;
mod pairs;
mod palette;
mod parts;
mod people;
mod query_answer;
mod replica_squares;
mod row_keys;
mod settings;
mod shortcuts;
mod side_by_side;
mod sign_in;
mod slash;
mod strategy;
mod submission;
mod theme;
mod to_provider;
mod tokens;
mod trying;
mod update;
mod use_cases;

use leptos::prelude::*;
use leptos_router::components::Router;

pub(crate) use broken_off::show as broken_off;

use crate::api;
use crate::state::State;

/// The whole interface.
#[component]
pub(crate) fn App() -> impl IntoView {
    State::provide();
    dropped::Dropped::provide();
    theme::ThemeChoice::provide();
    view! {
        <Router base=api::root()>
            <frame::Frame/>
        </Router>
    }
}
