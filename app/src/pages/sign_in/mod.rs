//! Signing in at the identity provider, with a password, or with the token that the server wrote; joining by an invitation;
//! signing in again.

mod again;
mod join;
mod links;

use domain::wire::{Errand, Secret, SignIn};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

pub(crate) use self::again::SignInAgain;
pub(crate) use self::join::JoinPage;
pub(crate) use self::links::{errand_of_link, is_invitation, sign_in_of_link};
use super::in_address::{parameter, parameter_setter};
use super::query_answer::Refused;
use super::to_provider::ToProvider;
use crate::api::{self, Failure};
use crate::components::{Field, Glyph, Icon};
use crate::state::{Access, state};

/// The form for a password or a token.
#[component]
pub(crate) fn SignInPage(trouble: RwSignal<Option<Failure>>) -> impl IntoView {
    let state = state();
    let (with, set_with) = (parameter("with"), parameter_setter("with"));
    let chosen = move |with: &str| if with.is_empty() { state.signs_in_by_password() } else { with == "password" };
    let by_password = Memo::new(move |_| with.with(|with| chosen(with)));
    let text = || RwSignal::new(String::new());
    let (token, email, password) = (text(), text(), text());
    let pending = RwSignal::new(false);
    let provider = move || state.provider();
    let given = move || -> Option<SignIn> {
        if by_password.get() {
            let email = email.with(|email| email.trim().to_owned());
            let password = password.get();
            let complete = !email.is_empty() && !password.is_empty();
            return complete.then(|| SignIn {
                email: Some(email),
                password: Some(Secret::new(password)),
                ..SignIn::default()
            });
        }
        // People paste the whole link as well.
        let token = token.with(|text| text.trim().rsplit('#').next().unwrap_or_default().to_owned());
        (!token.is_empty()).then(|| SignIn { token: Some(Secret::new(token)), ..SignIn::default() })
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(given) = untrack(given).filter(|_| !pending.get_untracked()) else { return };
        pending.set(true);
        spawn_local(async move {
            match api::session::sign_in(given).await {
                Ok(session) => {
                    trouble.set(None);
                    state.set_access(Access::SignedIn(Box::new(session)));
                }
                Err(failure) => trouble.set(Some(failure)),
            }
            pending.try_set(false);
        });
    };
    let other = move |_| {
        trouble.set(None);
        set_with.run(if by_password.get_untracked() { "token" } else { "password" }.to_owned());
    };
    view! {
        <main class="alone">
            <form class="sign-in" on:submit=submit data-test="sign-in">
                <h1><Glyph icon=Icon::Brand/>"Changeover"</h1>
                <p class="sub">
                    "Replace the model behind a live URL. Sign in with "
                    {move || provider().map(|name| format!("{name}, or with "))}
                    {move || if by_password.get() { "your address and password." } else { "the token of this server." }}
                </p>
                <Refused failure=trouble/>
                {move || provider().map(|name| view! {
                    <ToProvider label=format!("Sign in with {name}") errand=Errand::SignIn failure=trouble/>
                    <div class="or"><span>"or"</span></div>
                })}
                <Show
                    when=move || by_password.get()
                    fallback=move || view! { <TokenField token=token/> }
                >
                    <Field label="E-mail address" name="email" value=email kind="email" inputmode="email" autocomplete="username"/>
                    <Field label="Password" name="password" value=password kind="password" autocomplete="current-password"/>
                </Show>
                <button type="submit" class="button" class:primary=move || provider().is_none() disabled=move || pending.get() || given().is_none()>
                    {move || if pending.get() { "Signing in…" } else { "Sign in" }}
                </button>
                <button type="button" class="button quiet" data-test="sign-in-otherwise" on:click=other>
                    {move || if by_password.get() { "Use the server's token instead" } else { "Use a password instead" }}
                </button>
                {move || state.leaves_provider_at().map(|address| view! {
                    <a class="quiet-link" data-test="leave-provider" href=address>{format!("Sign out of {} too", provider().unwrap_or_default())}</a>
                })}
            </form>
        </main>
    }
}

#[component]
fn TokenField(token: RwSignal<String>) -> impl IntoView {
    view! {
        <div class="field">
            <label for="token">"Token"</label>
            <input
                id="token"
                name="token"
                type="password"
                autocomplete="current-password"
                data-test="token"
                autofocus
                aria-describedby="token-below"
                prop:value=move || token.get()
                on:input:target=move |event| token.set(event.target().value())
            />
            <span id="token-below" class="below">
                "It is in the file "<code>"token"</code>" in the data directory. "<code>"changeover serve"</code>
                " also prints a link that signs you in."
            </span>
        </div>
    }
}
