//! The configuration that the deployment of the page uses, as it is read.

use domain::wire::ConfigurationView;
use leptos::prelude::*;

use super::subject::Subject;
use crate::api;
use crate::state::{Connection, Query, state};

/// Reads the configuration in use, and again whenever another one is; none where it cannot be found any more.
pub(super) fn configuration_in_use(subject: Subject) -> Query<Option<ConfigurationView>> {
    let state = state();
    let chosen = Memo::new(move |_| subject.view.with(|view| view.as_ref().map(|view| view.configuration.clone())));
    let ready = move || {
        chosen.track();
        state.connection() == Connection::Live
    };
    Query::when(ready, move || {
        let chosen = chosen.get_untracked();
        async move {
            match chosen {
                Some(id) => api::deployments::configuration(&id).await.map(Some),
                None => Ok(None),
            }
        }
    })
}
