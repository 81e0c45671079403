//! Inviting somebody: the answer is a link, which is shown once.

use std::collections::BTreeSet;

use domain::principal::{PrincipalId, PrincipalKind, ServerRole};
use domain::wire::{InvitationForm, InvitationView};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::around::Around;
use super::persons::roles;
use crate::api::{self, Failure};
use crate::components::{Banner, Choice, CopyButton, DialogFooter, Field, Modal, Ticks, use_close};
use crate::pages::kept_draft::KeptDraft;
use crate::pages::query_answer::Refused;
use crate::pages::submission::written;
use crate::state::state;
use crate::words::{Tone, own_zone};

/// The dialog.
#[component]
pub(super) fn InviteDialog(on_close: impl Fn() + Copy + 'static) -> impl IntoView {
    let made = RwSignal::new(None::<InvitationView>);
    let closed = KeptDraft::of_dialog("invite", on_close);
    view! {
        <Modal title="Invite somebody".to_owned() name="invite" on_close=closed>
            {move || match made.get() {
                None => view! { <Form made=made/> }.into_any(),
                Some(invitation) => view! { <Link invitation=invitation/> }.into_any(),
            }}
        </Modal>
    }
}

#[component]
fn Form(made: RwSignal<Option<InvitationView>>) -> impl IntoView {
    let state = state();
    let around: Around = expect_context();
    let text = || RwSignal::new(String::new());
    let (name, email, own_name, own_email) = (text(), text(), text(), text());
    let role = RwSignal::new(ServerRole::Editor.to_string());
    let groups = RwSignal::new(BTreeSet::<PrincipalId>::new());
    if let Some(kept) = KeptDraft::here() {
        kept.keep_texts([
            ("name", name),
            ("email", email),
            ("own_name", own_name),
            ("own_email", own_email),
            ("role", role),
        ]);
        kept.keep("groups", groups);
    }
    let pending = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    // Whoever has worked alone until now has no name that others could read.
    let first = Memo::new(move |_| {
        let people = around.people.value();
        let mut me = people.iter().flat_map(|people| people.iter()).filter(|person| state.is_me(&person.id));
        me.next().is_some_and(|me| me.email.is_none())
    });
    let blocked = Signal::derive(move || {
        let missing = |text: RwSignal<String>| text.with(|text| text.trim().is_empty());
        (first.get() && (missing(own_name) || missing(own_email)))
            .then(|| "Write your own name and address first: others will see who you are.".to_owned())
    });
    let all = Signal::derive(move || {
        let groups = state.principals().into_iter().filter(|one| one.kind == PrincipalKind::Group);
        groups.map(|one| (one.id, one.name)).collect::<Vec<_>>()
    });
    let send = move || {
        let form = InvitationForm {
            name: written(name),
            email: written(email),
            role: role.with_untracked(|word| word.parse().unwrap_or_default()),
            groups: groups.get_untracked(),
            own_name: written(own_name),
            own_email: written(own_email),
        };
        pending.set(true);
        failure.set(None);
        spawn_local(async move {
            match api::people::invite(&form).await {
                Ok(invitation) => {
                    around.invitations.ask();
                    made.try_set(Some(invitation));
                }
                Err(refused) => drop(failure.try_set(Some(state.noting(refused)))),
            }
            pending.try_set(false);
        });
    };
    view! {
        <div class="content">
            {move || first.get().then(|| view! {
                <p>"You have no name here yet. Others will see the one that you write now; the token of this server stays yours."</p>
                <div class="form">
                    <Field label="Your name" name="own-name" value=own_name class="wide" autocomplete="name"/>
                    <Field label="Your e-mail address" name="own-email" value=own_email class="wide" kind="email" autocomplete="email"/>
                </div>
            })}
            <div class="form">
                <Field label="Name" name="invite-name" value=name class="wide" placeholder="as far as you know it"/>
                <Field label="E-mail address" name="invite-email" value=email class="wide" kind="email"/>
            </div>
            <Choice label="Role on the server" name="invite-role" options=roles() value=role on_choose=move |value| role.set(value)/>
            <Show when=move || !all.with(Vec::is_empty)><Ticks label="Groups" all=all chosen=groups/></Show>
            <Refused failure=failure/>
        </div>
        <DialogFooter label="Create invitation".to_owned() blocked=blocked pending=pending confirm=send/>
    }
}

#[component]
fn Link(invitation: InvitationView) -> impl IntoView {
    let close = use_close();
    let link = invitation.link.as_ref().map(|link| link.reveal().to_owned()).unwrap_or_default();
    let ends = own_zone::moment(invitation.expires_at);
    view! {
        <div class="content">
            {invitation.mailed.map(|mailed| {
                let (tone, title) = if mailed.accepted { (Tone::Good, "The invitation was sent by e-mail") } else { (Tone::Warning, "The e-mail was not accepted") };
                view! { <Banner tone=tone title=title name="mailed"><p>{mailed.answer}</p></Banner> }
            })}
            <p>"Give this link to the person whom you invite. It is shown only now."</p>
            <p class="secret"><code data-test="invitation-link">{link.clone()}</code><CopyButton text=link describes="Copy the link of the invitation"/></p>
            <p class="sub">{format!("The link works once, and ends {ends}. You can take it back until then.")}</p>
        </div>
        <footer><button type="button" class="button primary" on:click=move |_| close.run()>"Done"</button></footer>
    }
}
