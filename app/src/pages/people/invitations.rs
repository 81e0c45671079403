//! The invitations that nobody has accepted yet.

use std::sync::Arc;

use domain::wire::InvitationView;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::around::Around;
use crate::api::{self, Failure};
use crate::components::{Glyph, Icon};
use crate::pages::drawn::lost_connection;
use crate::pages::named::Named;
use crate::pages::query_answer::{QueryAnswer, Refused};
use crate::state::state;
use crate::words::zones;

/// The tab.
#[component]
pub(super) fn InvitationsTab() -> impl IntoView {
    let around: Around = expect_context();
    let failure = RwSignal::new(None::<Failure>);
    let draw = move |all: Arc<Vec<InvitationView>>| {
        if all.is_empty() {
            return view! {
                <div class="panel nothing" data-test="empty">
                    <Glyph icon=Icon::Person/>
                    <b>"No invitation is open"</b>
                    <p>"An invitation is a link with which one person joins. The link works once, and ends by itself."</p>
                </div>
            }
            .into_any();
        }
        let rows = all.iter().cloned().map(|one| view! { <Invitation one=one failure=failure/> }).collect_view();
        view! { <ul class="panel row-lines">{rows}</ul> }.into_any()
    };
    view! {
        <section class="part">
            <Refused failure=failure/>
            <QueryAnswer query=around.invitations lines=3 draw=draw/>
        </section>
    }
}

#[component]
fn Invitation(one: InvitationView, failure: RwSignal<Option<Failure>>) -> impl IntoView {
    let state = state();
    let around: Around = expect_context();
    let now = state.now();
    let id = one.id.clone();
    let withdraw = move |_| {
        let id = id.clone();
        failure.set(None);
        spawn_local(async move {
            match api::people::withdraw_invitation(&id).await {
                Ok(()) => around.invitations.ask(),
                Err(refused) => failure.set(Some(state.noting(refused))),
            }
        });
    };
    let who = one.name.clone().or_else(|| one.email.clone()).unwrap_or_else(|| "Somebody".to_owned());
    let email = one.email.clone().filter(|email| *email != who);
    let groups: Vec<_> = one.groups.iter().map(|id| state.name_of(id)).collect();
    let ends = one.expires_at;
    view! {
        <li class="row-line" data-test="invitation">
            <Glyph icon=Icon::Person/>
            <span class="what">
                <b>{who}</b>{format!(", {}", one.role)}{(!groups.is_empty()).then(|| format!(", in {}", groups.join(", ")))}
                <span class="sub second-line">
                    {email.map(|email| format!("{email} · "))}"invited by "<Named id=one.by/>" · ends "{move || zones::within(ends, now.get())}", works once"
                </span>
            </span>
            <span class="buttons">
                <button type="button" class="button small quiet danger" data-test="withdraw-invitation" disabled=move || lost_connection().is_some() on:click=withdraw>"Take back"</button>
            </span>
        </li>
    }
}
