//! Showing once more who one is, before something dangerous is done.

use domain::wire::{Entrance, Errand, Reauthenticate, Secret};
use futures_util::StreamExt;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::api::again::Waiting;
use crate::api::{self, Failure};
use crate::components::{DialogFooter, Field, Modal};
use crate::pages::query_answer::Refused;
use crate::pages::to_provider::ToProvider;
use crate::state::state;

/// Opens when a request waits for a younger sign-in, and sends it once more.
#[component]
pub(crate) fn SignInAgain() -> impl IntoView {
    let waiting = StoredValue::new_local(Vec::<Waiting>::new());
    let open = RwSignal::new(false);
    spawn_local(async move {
        let mut asked = api::again::waiting();
        while let Some(one) = asked.next().await {
            if waiting.try_update_value(|waiting| waiting.push(one)).is_none() {
                return;
            }
            open.try_set(true);
        }
    });
    let answer = move |shown: bool| {
        let all = waiting.try_update_value(std::mem::take).unwrap_or_default();
        for one in all {
            let _ = one.send(shown);
        }
    };
    let closed = move || {
        answer(false);
        open.set(false);
    };
    move || {
        open.get().then(|| {
            view! {
                <Modal title="Show that it is you".to_owned() name="sign-in-again" on_close=closed>
                    <Again shown=move || answer(true)/>
                </Modal>
            }
        })
    }
}

#[component]
fn Again(shown: impl Fn() + Copy + 'static) -> impl IntoView {
    let state = state();
    let close = crate::components::use_close();
    let secret = RwSignal::new(String::new());
    let pending = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let has_password = state.session().is_some_and(|session| session.has_password);
    let machine = state.session().is_some_and(|session| session.through == Entrance::Machine);
    let provider = state.provider().filter(|_| state.session().is_some_and(|session| session.is_linked));
    let with_secret = has_password || provider.is_none();
    // Somebody who goes to the provider does so in another tab, of which this page hears as of everything else.
    let since = state.session().and_then(|session| session.signed_in_at);
    Effect::new(move |_| {
        if state.session().is_some_and(|session| session.signed_in_at > since) {
            shown();
            close.run();
        }
    });
    let send = move || {
        if pending.get_untracked() {
            return;
        }
        pending.set(true);
        failure.set(None);
        let given = Some(Secret::new(secret.get_untracked()));
        let with = if has_password {
            Reauthenticate { password: given, token: None }
        } else {
            Reauthenticate { password: None, token: given }
        };
        spawn_local(async move {
            match api::session::sign_in_again(&with).await {
                Ok(()) => {
                    shown();
                    close.run();
                }
                Err(refused) => drop(failure.try_set(Some(refused))),
            }
            pending.try_set(false);
        });
    };
    let blocked = Signal::derive(move || {
        let wanted = match (with_secret, has_password) {
            (false, _) => "Sign in again in the other tab, and this page goes on by itself.",
            (true, true) => "Write your password.",
            (true, false) => "Write the server's token.",
        };
        secret.with(String::is_empty).then(|| wanted.to_owned())
    });
    let label = if has_password { "Password" } else { "Token of this server" };
    let name = if has_password { "again-password" } else { "again-token" };
    view! {
        <div class="content">
            <p>"This action concerns people, tokens, policies or an override, and your last sign-in was more than 15 minutes ago."</p>
            {machine.then(|| view! { <p class="sub">"The token is in the file "<code>"token"</code>" in the data directory."</p> })}
            {provider.map(|provider| view! {
                <ToProvider label=format!("Sign in with {provider} again") errand=Errand::Again class="" beside=true failure=failure/>
            })}
            {with_secret.then(|| view! { <Field label=label name=name value=secret kind="password" autocomplete="current-password"/> })}
            <Refused failure=failure/>
        </div>
        <DialogFooter label="Go on".to_owned() blocked=blocked pending=pending confirm=send/>
    }
}
