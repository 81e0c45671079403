//! Making a token for callers of the deployment, which is shown once, and revoking all of them.

use domain::action::Action;
use domain::wire::TokenView;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::subject::Subject;
use crate::api::{self, Failure};
use crate::components::{Choice, CopyButton};
use crate::pages::actions::why_not;
use crate::pages::dialogs::{Dialogs, Open};
use crate::pages::drawn::lost_connection;
use crate::pages::query_answer::Refused;
use crate::state::state;
use crate::words::zones;

/// Lifetimes to choose from: as the server reads them, and as people do.
const LIFETIMES: [(&str, &str); 6] = [
    ("10m", "10 minutes"),
    ("1h", "1 hour"),
    ("24h", "24 hours"),
    ("7d", "7 days"),
    ("30d", "30 days"),
    ("365d", "365 days"),
];

/// Makes a token with a lifetime; the reason in its place for somebody who may not.
#[component]
pub(super) fn MakeToken() -> impl IntoView {
    let subject: Subject = expect_context();
    let blocked = Memo::new(move |_| subject.view.with(|view| why_not(view.as_deref()?, Action::ManageTokens)));
    move || match blocked.get() {
        Some(why) => {
            view! { <p class="sub" data-test="no-tokens">"Tokens are made by its owners. "{why}</p> }.into_any()
        }
        None => view! { <Form/> }.into_any(),
    }
}

#[component]
fn Form() -> impl IntoView {
    let subject: Subject = expect_context();
    let (state, dialogs) = (state(), Dialogs::here());
    let lifetime = RwSignal::new("24h".to_owned());
    let made = RwSignal::new(None::<TokenView>);
    let failure = RwSignal::new(None::<Failure>);
    let pending = RwSignal::new(false);
    let options: Vec<_> = LIFETIMES.map(|(value, title)| (value.to_owned(), title.to_owned())).to_vec();
    let make = move |_| {
        pending.set(true);
        failure.set(None);
        spawn_local(async move {
            match api::credentials::issue(&subject.name(), lifetime.get_untracked()).await {
                Ok(token) => drop(made.try_set(Some(token))),
                Err(refused) => drop(failure.try_set(Some(state.noting(refused)))),
            }
            pending.try_set(false);
        });
    };
    let off = move || lost_connection().is_some();
    view! {
        <div class="form add-grant">
            <Choice label="Accepted for" name="token-lifetime" options=options value=lifetime on_choose=move |value| lifetime.set(value)/>
            <button type="button" class="button" data-test="make-token" disabled=move || pending.get() || off() on:click=make>
                {move || if pending.get() { "Making…" } else { "Make a token" }}
            </button>
            <button type="button" class="button quiet danger" data-test="revoke-tokens" disabled=off on:click=move |_| dialogs.open(Open::RevokeTokens(subject.id()))>
                "Revoke every token…"
            </button>
        </div>
        <Refused failure=failure/>
        {move || made.get().map(|token| {
            let (text, ends) = (token.token, token.expires_at);
            view! {
                <div class="stack" role="status" data-test="token-made">
                    <p>"Copy the token now: it is shown only this once. It ends "{move || zones::within(ends, state.now().get())}"."</p>
                    <p class="secret"><code data-test="caller-token">{text.clone()}</code><CopyButton text=text describes="Copy the token"/></p>
                    <button type="button" class="button small start" data-test="token-done" on:click=move |_| made.set(None)>"Done"</button>
                </div>
            }
        })}
    }
}
