//! People and policies: who is here, who belongs together, and which changes need whose approval.

mod around;
mod beside;
mod groups;
mod invitations;
mod invite;
mod persons;
mod policies;
mod policy_line;
mod sentence;
mod services;
mod slots;
mod try_it;

use leptos::prelude::*;

use self::around::Around;
use self::groups::{GroupDialog, GroupsTab};
use self::invitations::InvitationsTab;
use self::invite::InviteDialog;
use self::persons::{EraseDialog, PersonsTab};
use self::policies::PoliciesTab;
use self::services::{ServiceDialog, ServicesTab};
use super::drawn::{Drawn, lost_connection};
use super::in_address::{dialog_setter, parameter};
use super::page_title::entitle;
use super::tokens::TokenDialog;
use crate::api::href;
use crate::components::{Glyph, Icon, roll_to_chosen};
use crate::state::state;

/// The page at `/people`.
#[component]
pub(crate) fn PeoplePage() -> impl IntoView {
    let state = state();
    entitle(|| "People and policies".to_owned());
    let tab = parameter("tab");
    let (dialog, set_dialog) = (parameter("dialog"), dialog_setter());
    let around = Around::read(set_dialog);
    provide_context(around);
    let admin = move || state.is_admin();
    let off = move || lost_connection().is_some();
    let close = move || set_dialog.run(String::new());
    let chosen = move |key: &str| tab.with(|tab| tab == key || (tab.is_empty() && key == "policies"));
    let row = NodeRef::<leptos::html::Nav>::new();
    roll_to_chosen(row, move || tab.get());
    let link = move |key: &'static str, label: &'static str, count: Signal<Option<usize>>| {
        let address = href(&format!("/people?tab={key}"));
        view! {
            <a href=address aria-current=move || chosen(key).then_some("page") data-test=format!("tab-{key}") data-noscroll="">
                {label}{move || count.get().map(|count| view! { " "<span class="count">{count}</span> })}
            </a>
        }
    };
    view! {
        <Drawn>
            <header class="page-head">
                <h1>"People and policies"</h1>
                <span class="grow"></span>
                <Show when=admin>
                    <span class="buttons">
                        <button type="button" class="button" data-test="invite" disabled=off on:click=move |_| set_dialog.run("invite".to_owned())>"Invite"</button>
                        {move || match tab.get().as_str() {
                            "groups" => view! {
                                <button type="button" class="button primary" data-test="new-group" disabled=off on:click=move |_| set_dialog.run("group".to_owned())><Glyph icon=Icon::Plus/>"New group"</button>
                            }.into_any(),
                            "services" => view! {
                                <button type="button" class="button primary" data-test="new-service" disabled=off on:click=move |_| set_dialog.run("service".to_owned())><Glyph icon=Icon::Plus/>"New service"</button>
                            }.into_any(),
                            "" | "policies" => view! {
                                <button type="button" class="button primary" data-test="new-policy" disabled=off on:click=move |_| set_dialog.run("policy".to_owned())><Glyph icon=Icon::Plus/>"New policy"</button>
                            }.into_any(),
                            _ => ().into_any(),
                        }}
                    </span>
                </Show>
            </header>
            <nav node_ref=row class="tabs" aria-label="Parts">
                {link("policies", "Policies", Signal::derive(move || around.policies.value().map(|all| all.len())))}
                {link("people", "People", Signal::derive(move || around.people.value().map(|all| all.len())))}
                {link("groups", "Groups", Signal::derive(move || around.groups.value().map(|all| all.len())))}
                {link("services", "Services", Signal::derive(move || around.services.value().map(|all| all.len())))}
                {move || admin().then(|| link("invitations", "Invitations", Signal::derive(move || around.invitations.value().map(|all| all.len()))))}
            </nav>
            {move || match tab.get().as_str() {
                "people" => view! { <PersonsTab/> }.into_any(),
                "groups" => view! { <GroupsTab/> }.into_any(),
                "services" => view! { <ServicesTab/> }.into_any(),
                "invitations" => view! { <InvitationsTab/> }.into_any(),
                _ => view! { <PoliciesTab adding=Signal::derive(move || dialog.get() == "policy")/> }.into_any(),
            }}
            {move || {
                let dialog = dialog.get();
                let (kind, id) = dialog.split_once(' ').unwrap_or((dialog.as_str(), ""));
                let id = id.to_owned();
                match kind {
                    "invite" => view! { <InviteDialog on_close=close/> }.into_any(),
                    "group" => view! { <GroupDialog id=id.parse().ok() on_close=close/> }.into_any(),
                    "service" => view! { <ServiceDialog on_close=close/> }.into_any(),
                    "erase" => match id.parse() {
                        Ok(id) => view! { <EraseDialog id=id on_close=close/> }.into_any(),
                        Err(_) => ().into_any(),
                    },
                    "token" => view! { <TokenDialog owner=id.parse().ok() on_close=close/> }.into_any(),
                    _ => ().into_any(),
                }
            }}
        </Drawn>
    }
}
