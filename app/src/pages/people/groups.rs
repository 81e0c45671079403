//! Groups: people and services that policies and roles name together.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::principal::{PrincipalId, PrincipalKind};
use domain::wire::{GroupChange, GroupForm, GroupView, PrincipalView};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::around::Around;
use crate::api::{self, Failure};
use crate::components::{Check, DialogFooter, Field, Glyph, Icon, Menu, MenuItem, Modal, Ticks};
use crate::pages::drawn::lost_connection;
use crate::pages::kept_draft::KeptDraft;
use crate::pages::named::NamedList;
use crate::pages::query_answer::{QueryAnswer, Refused};
use crate::pages::submission::Submission;
use crate::state::state;

/// The tab.
#[component]
pub(super) fn GroupsTab() -> impl IntoView {
    let around: Around = expect_context();
    let failure = RwSignal::new(None::<Failure>);
    let draw = move |groups: Arc<Vec<GroupView>>| {
        if groups.is_empty() {
            return view! {
                <div class="panel nothing" data-test="empty">
                    <Glyph icon=Icon::People/>
                    <b>"No group yet"</b>
                    <p>"Roles and policies name groups, so that they need not change when people come and go."</p>
                </div>
            }
            .into_any();
        }
        let rows =
            groups.iter().cloned().map(|group| view! { <GroupLine group=group failure=failure/> }).collect_view();
        view! { <ul class="panel row-lines">{rows}</ul> }.into_any()
    };
    view! {
        <section class="part">
            <Refused failure=failure/>
            <QueryAnswer query=around.groups lines=4 draw=draw/>
        </section>
    }
}

#[component]
fn GroupLine(group: GroupView, failure: RwSignal<Option<Failure>>) -> impl IntoView {
    let state = state();
    let around: Around = expect_context();
    let id = StoredValue::new(group.id.clone());
    let members: Vec<_> = group.members.iter().cloned().collect();
    let empty = members.is_empty();
    let at_provider = move || state.provider().unwrap_or_else(|| "the identity provider".to_owned());
    let delete = move || {
        failure.set(None);
        spawn_local(async move {
            match api::people::delete_group(&id.get_value()).await {
                Ok(()) => around.groups.ask(),
                Err(refused) => failure.set(Some(state.noting(refused))),
            }
        });
    };
    view! {
        <li class="row-line" data-test="group">
            <Glyph icon=Icon::People/>
            <span class="what">
                <b><bdi>{group.name.clone()}</bdi></b>{group.breaks_glass.then(|| view! { <span class="sub">" · may override policies and freezes"</span> })}
                {group.provider_group.clone().map(|fed| view! { <span class="sub" data-test="fed-by">{move || format!(" · has the members of {fed} at {}", at_provider())}</span> })}
                <span class="sub second-line">{if empty { view! { "No members" }.into_any() } else { view! { <NamedList ids=members/> }.into_any() }}</span>
            </span>
            <Show when=move || state.is_admin()>
                <span class="buttons">
                    <button type="button" class="button small quiet" data-test="edit-group" disabled=move || lost_connection().is_some() on:click=move |_| around.open.run(format!("group {}", id.get_value()))>"Edit"</button>
                    <Menu label=format!("Actions for {}", group.name) id=format!("group-{}", id.get_value())>
                        <MenuItem label="Delete" name="delete-group" danger=true blocked=lost_connection() on_choose=delete/>
                    </Menu>
                </span>
            </Show>
        </li>
    }
}

/// Makes a group, or changes the one with this id.
#[component]
pub(super) fn GroupDialog(id: Option<PrincipalId>, on_close: impl Fn() + Copy + 'static) -> impl IntoView {
    let around: Around = expect_context();
    let title = if id.is_some() { "Edit the group" } else { "New group" };
    // It waits for the list, in which its members are.
    let ready = Memo::new(move |_| around.groups.value().is_some());
    let form = id.as_ref().map_or_else(|| "group new".to_owned(), |id| format!("group {id}"));
    let closed = KeptDraft::of_dialog(&form, on_close);
    view! {
        <Modal title=title.to_owned() name="group" on_close=closed>
            {move || ready.get().then(|| {
                let group = around.groups.value().and_then(|all| all.iter().find(|one| Some(&one.id) == id.as_ref()).cloned());
                view! { <Form group=group/> }
            })}
        </Modal>
    }
}

#[component]
fn Form(group: Option<GroupView>) -> impl IntoView {
    let state = state();
    let around: Around = expect_context();
    let submission = Submission::here();
    let name = RwSignal::new(group.as_ref().map(|group| group.name.clone()).unwrap_or_default());
    let members: RwSignal<BTreeSet<PrincipalId>> =
        RwSignal::new(group.as_ref().map(|group| group.members.clone()).unwrap_or_default());
    let breaks_glass = RwSignal::new(group.as_ref().is_some_and(|group| group.breaks_glass));
    let provider_group =
        RwSignal::new(group.as_ref().and_then(|group| group.provider_group.clone()).unwrap_or_default());
    if let Some(kept) = KeptDraft::here() {
        kept.keep_texts([("name", name), ("provider_group", provider_group)]);
        kept.keep("members", members);
        kept.keep("breaks_glass", breaks_glass);
    }
    let has_provider = move || state.provider().is_some() || !provider_group.with_untracked(String::is_empty);
    let fed = Memo::new(move |_| !provider_group.with(|name| name.trim().is_empty()));
    let id = group.map(|group| group.id);
    let label = if id.is_some() { "Save" } else { "Create group" };
    let blocked = Signal::derive(move || name.with(|name| name.trim().is_empty()).then(|| "Write a name.".to_owned()));
    let all = Signal::derive(move || {
        let able = |one: &PrincipalView| matches!(one.kind, PrincipalKind::Person | PrincipalKind::Service);
        let there = |one: &PrincipalView| !one.disabled || members.with_untracked(|members| members.contains(&one.id));
        let all = state.principals().into_iter().filter(|one| able(one) && there(one));
        let named = |one: PrincipalView| {
            let service = if one.kind == PrincipalKind::Service { " (service)" } else { "" };
            (one.id, format!("{}{service}", one.name))
        };
        all.map(named).collect::<Vec<_>>()
    });
    let save = move || {
        let (id, name, members) = (id.clone(), name.get_untracked().trim().to_owned(), members.get_untracked());
        let breaks_glass = breaks_glass.get_untracked();
        let (fed, provider_group) = (fed.get_untracked(), provider_group.get_untracked().trim().to_owned());
        submission.send(async move {
            match id {
                Some(id) => {
                    let change = GroupChange {
                        name: Some(name),
                        members: Some(members).filter(|_| !fed),
                        breaks_glass: Some(breaks_glass),
                        provider_group: Some(provider_group),
                    };
                    api::people::change_group(&id, &change).await?;
                }
                None => {
                    let members = if fed { BTreeSet::new() } else { members };
                    let provider_group = Some(provider_group).filter(|_| fed);
                    api::people::create_group(&GroupForm { name, members, breaks_glass, provider_group }).await?;
                }
            }
            around.groups.ask();
            Ok(())
        });
    };
    view! {
        <div class="content">
            <Field label="Name" name="group-name" value=name placeholder="Risk"/>
            <Show when=has_provider>
                <Field label="Group at the identity provider" name="provider-group" value=provider_group hint="Where you name one, its members are the members here, each from their next sign-in on."/>
            </Show>
            <Show when=move || !fed.get()>
                <Ticks label="Members" all=all chosen=members/>
            </Show>
            <Check label="Its members may override policies and freezes, where they may change a deployment" name="breaks-glass" value=breaks_glass/>
            <p class="sub">"Members have the roles of the group from their next request on."</p>
            <Refused failure=submission.failure/>
        </div>
        <DialogFooter label=label.to_owned() blocked=blocked pending=submission.pending confirm=save/>
    }
}
