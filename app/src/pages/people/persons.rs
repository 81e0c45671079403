//! The people: their roles on the server, and letting them in or not.

use std::sync::Arc;

use domain::principal::{PrincipalId, ServerRole};
use domain::wire::{PersonChange, PersonView};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::around::Around;
use crate::api::people::PersonStep;
use crate::api::{self, Failure};
use crate::components::{Ago, Choice, DialogFooter, Field, Menu, MenuItem, Modal, StateLabel};
use crate::pages::drawn::lost_connection;
use crate::pages::query_answer::{QueryAnswer, Refused};
use crate::pages::submission::Submission;
use crate::state::state;
use crate::words::Tone;

/// Every role on the server to choose from.
pub(super) fn roles() -> Vec<(String, String)> {
    ServerRole::ALL.map(|role| (role.to_string(), role.to_string())).to_vec()
}

/// The tab.
#[component]
pub(super) fn PersonsTab() -> impl IntoView {
    let around: Around = expect_context();
    let failure = RwSignal::new(None::<Failure>);
    let draw = move |people: Arc<Vec<PersonView>>| {
        let rows =
            people.iter().cloned().map(|person| view! { <PersonRow person=person failure=failure/> }).collect_view();
        view! {
            <div class="grid-table" role="list" aria-label="People">
                <div class="grid-row grid-head people-row" aria-hidden="true">
                    <span>"Name"</span><span>"State"</span><span>"Role"</span><span>"Seen"</span><span></span>
                </div>
                {rows}
            </div>
        }
        .into_any()
    };
    view! {
        <section class="part">
            <p class="sub">"A viewer reads what is shared with them, an editor changes what they own, an admin counts as owner everywhere and keeps people, policies and freezes."</p>
            <Refused failure=failure/>
            <QueryAnswer query=around.people lines=6 draw=draw/>
        </section>
    }
}

#[component]
fn PersonRow(person: PersonView, failure: RwSignal<Option<Failure>>) -> impl IntoView {
    let state = state();
    let around: Around = expect_context();
    let admin = state.is_admin();
    let id = StoredValue::new(person.id.clone());
    let me = state.is_me(&person.id);
    let role = RwSignal::new(person.role.to_string());
    let sent = move |result: Result<(), Failure>| match result {
        Ok(()) => around.people.ask(),
        Err(refused) => {
            failure.set(Some(state.noting(refused)));
            role.set(String::new());
            role.set(person.role.to_string());
        }
    };
    let set_role = move |word: String| {
        let Ok(chosen) = word.parse::<ServerRole>() else { return };
        failure.set(None);
        spawn_local(async move {
            let change = PersonChange { name: None, role: Some(chosen) };
            sent(api::people::change(&id.get_value(), &change).await);
        });
    };
    let step = move |what: PersonStep| {
        failure.set(None);
        spawn_local(async move { sent(api::people::step(&id.get_value(), what).await) });
    };
    let signs_in =
        person.has_password.or(person.is_linked).is_none() || person.has_password.max(person.is_linked) == Some(true);
    let (word, tone) = match (person.erased, person.disabled, signs_in) {
        (true, ..) => ("Erased", Tone::Off),
        (_, true, _) => ("Disabled", Tone::Off),
        (_, _, false) => ("Signs in with the token", Tone::Good),
        _ => ("Enabled", Tone::Good),
    };
    let about = person.email.clone().unwrap_or_default();
    let name = person.name.clone();
    let disabled = person.disabled;
    let linked = person.is_linked == Some(true) && !me;
    let erase = move || around.open.run(format!("erase {}", id.get_value()));
    view! {
        <div class="grid-row people-row" role="listitem" data-test="person">
            <div>
                <b class="second-line" class:off=disabled><bdi>{name.clone()}</bdi>{me.then_some(" (you)")}</b>
                <span class="sub second-line cut">{about}</span>
            </div>
            <div><StateLabel word=word.to_owned() tone=tone/></div>
            <div>
                {if admin && !disabled {
                    view! { <Choice label="Role on the server" name="person-role" of=id.get_value().to_string() bare=true options=roles() value=role on_choose=set_role/> }.into_any()
                } else {
                    view! { <span>{person.role.to_string()}</span> }.into_any()
                }}
            </div>
            <div class="sub">{person.last_seen.map(|at| view! { <Ago at=at now=state.now()/> })}</div>
            <div class="act">
                {(admin && !person.erased).then(|| view! {
                    <Menu label=format!("Actions for {name}") id=format!("person-{}", id.get_value())>
                        {if disabled {
                            view! { <MenuItem label="Enable again: they can sign in" name="enable-person" blocked=lost_connection() on_choose=move || step(PersonStep::Enable)/> }.into_any()
                        } else {
                            view! { <MenuItem label="Disable: they cannot sign in any more" name="disable-person" danger=true blocked=lost_connection() on_choose=move || step(PersonStep::Disable)/> }.into_any()
                        }}
                        {linked.then(|| view! { <MenuItem label="Unlink their account at the identity provider" name="unlink-person" danger=true blocked=lost_connection() on_choose=move || step(PersonStep::Unlink)/> })}
                        <MenuItem label="Erase name and address…" name="erase-person" danger=true blocked=lost_connection() on_choose=erase/>
                    </Menu>
                })}
            </div>
        </div>
    }
}

/// Asks for the name of the person whose name is to be forgotten.
#[component]
pub(super) fn EraseDialog(id: PrincipalId, on_close: impl Fn() + Copy + 'static) -> impl IntoView {
    let name = state().name_of(&id);
    view! {
        <Modal title=format!("Erase {name}?") name="erase" on_close=on_close>
            <Question id=id name=name/>
        </Modal>
    }
}

#[component]
fn Question(id: PrincipalId, name: String) -> impl IntoView {
    let around: Around = expect_context();
    let submission = Submission::here();
    let typed = RwSignal::new(String::new());
    let asked = name.clone();
    let blocked = Signal::derive(move || (typed.get().trim() != asked).then(|| format!("Type {asked} to erase it.")));
    let confirm = move || {
        let id = id.clone();
        submission.send(async move {
            api::people::step(&id, PersonStep::Erase).await?;
            around.people.ask();
            Ok(())
        });
    };
    view! {
        <div class="content">
            <p>"Their name and address are deleted, and they cannot sign in any more. What they did stays in the history, without their name. This cannot be undone."</p>
            <Field label="Name of the person" name="erase-name" value=typed/>
            <Refused failure=submission.failure/>
        </div>
        <DialogFooter label=format!("Erase {name}") leave="Keep the account" danger=true blocked=blocked pending=submission.pending confirm=confirm/>
    }
}
