//! One's name and address.

use std::sync::Arc;

use domain::wire::{OwnChange, PersonView};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::api::{self, Failure};
use crate::components::Field;
use crate::pages::drawn::lost_connection;
use crate::pages::query_answer::{QueryAnswer, Refused};
use crate::state::{Query, state};

/// The card.
#[component]
pub(super) fn ProfileCard(me: Query<PersonView>) -> impl IntoView {
    let draw = move |person: Arc<PersonView>| view! { <Form person=(*person).clone() me=me/> }.into_any();
    view! {
        <section class="panel" data-test="profile">
            <header class="panel-head"><h2>"Name"</h2><span class="sub">"What others read where you ask, approve and change."</span></header>
            <div class="panel-body"><QueryAnswer query=me lines=3 draw=draw/></div>
        </section>
    }
}

#[component]
fn Form(person: PersonView, me: Query<PersonView>) -> impl IntoView {
    let state = state();
    let name = RwSignal::new(person.name.clone());
    let email = RwSignal::new(person.email.clone().unwrap_or_default());
    let pending = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let before = (person.name.clone(), person.email.unwrap_or_default());
    let change = move || {
        let (now, address) = (name.get().trim().to_owned(), email.get().trim().to_owned());
        OwnChange {
            name: Some(now).filter(|now| *now != before.0 && !now.is_empty()),
            email: Some(address).filter(|address| *address != before.1 && !address.is_empty()),
        }
    };
    let change = Memo::new(move |_| change());
    let nothing = move || change.with(|change| *change == OwnChange::default());
    let save = move |_| {
        let change = change.get_untracked();
        pending.set(true);
        failure.set(None);
        spawn_local(async move {
            match api::own::change(&change).await {
                Ok(()) => me.ask(),
                Err(refused) => drop(failure.try_set(Some(state.noting(refused)))),
            }
            pending.try_set(false);
        });
    };
    view! {
        <div class="stack">
            <div class="form">
                <Field label="Name" name="me-name" value=name class="wide" autocomplete="name"/>
                <Field label="E-mail address" name="me-email" value=email class="wide" kind="email" autocomplete="email" hint="You sign in with it."/>
            </div>
            <Refused failure=failure/>
            <button type="button" class="button start" data-test="save-profile" disabled=move || pending.get() || nothing() || lost_connection().is_some() on:click=save>
                {move || if pending.get() { "Saving…" } else { "Save" }}
            </button>
        </div>
    }
}
