//! What the page about people and policies reads, for all of its parts.

use domain::wire::{ApiTokenView, GroupView, InvitationView, PersonView, PolicyView, ServiceView};
use leptos::prelude::*;

use crate::api;
use crate::state::{Query, state};

/// Everything that the page reads.
#[derive(Clone, Copy)]
pub(super) struct Around {
    /// The policies.
    pub(super) policies: Query<Vec<PolicyView>>,
    /// The people.
    pub(super) people: Query<Vec<PersonView>>,
    /// The groups.
    pub(super) groups: Query<Vec<GroupView>>,
    /// The services.
    pub(super) services: Query<Vec<ServiceView>>,
    /// API tokens: those of services, for administrators, among others.
    pub(super) tokens: Query<Vec<ApiTokenView>>,
    /// The invitations that are open.
    pub(super) invitations: Query<Vec<InvitationView>>,
    /// Opens a dialog by its name in the address.
    pub(super) open: Callback<String>,
}

impl Around {
    /// Reads it from now on.
    pub(super) fn read(open: Callback<String>) -> Self {
        let state = state();
        let people = move || state.people_changed();
        Self {
            policies: Query::whenever(move || (state.requests_changed(), state.people_changed()), api::policies::list),
            people: Query::whenever(people, api::people::list),
            groups: Query::whenever(people, api::people::groups),
            services: Query::whenever(people, api::people::services),
            tokens: Query::when(
                move || {
                    people();
                    state.is_admin()
                },
                api::people::tokens,
            ),
            invitations: Query::when(
                move || {
                    people();
                    state.is_admin()
                },
                api::people::invitations,
            ),
            open,
        }
    }
}
