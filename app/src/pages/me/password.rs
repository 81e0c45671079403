//! One's password.

use domain::sign_in::check_password;
use domain::wire::{NewPassword, Secret};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::api::{self, Failure};
use crate::components::Field;
use crate::pages::drawn::lost_connection;
use crate::pages::query_answer::Refused;
use crate::state::{Access, state};
use crate::words::sentence;

/// The card.
#[component]
pub(super) fn PasswordCard() -> impl IntoView {
    let state = state();
    let text = || RwSignal::new(String::new());
    let (current, new) = (text(), text());
    let pending = RwSignal::new(false);
    let done = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let has = Memo::new(move |_| state.session().is_some_and(|session| session.has_password));
    let linked = Memo::new(move |_| state.session().is_some_and(|session| session.is_linked));
    let problem =
        Memo::new(move |_| new.with(|text| check_password(text).err().map(|error| sentence(&error.to_string()))));
    let wrong = Signal::derive(move || problem.get().filter(|_| new.with(|text| !text.is_empty())));
    let off = move || {
        let missing = has.get() && current.with(String::is_empty);
        pending.get() || missing || problem.with(Option::is_some) || lost_connection().is_some()
    };
    let save = move || {
        let password = NewPassword {
            current: has.get_untracked().then(|| Secret::new(current.get_untracked())),
            new: Secret::new(new.get_untracked()),
        };
        pending.set(true);
        failure.set(None);
        done.set(false);
        spawn_local(async move {
            match api::own::set_password(&password).await {
                Ok(()) => {
                    current.try_set(String::new());
                    new.try_set(String::new());
                    done.try_set(true);
                    if let Ok(session) = api::session::read().await {
                        state.set_access(Access::SignedIn(Box::new(session)));
                    }
                }
                // A wrong password is no reason to sign out.
                Err(refused) => drop(failure.try_set(Some(refused))),
            }
            pending.try_set(false);
        });
    };
    view! {
        <section class="panel" data-test="password-card">
            <header class="panel-head">
                <h2>"Password"</h2>
                <span class="sub">{move || match (has.get(), linked.get()) {
                    (true, _) => "All your other sessions end when you change it.",
                    (false, true) => "You have no password, and need none.",
                    (false, false) => "You have no password yet: you sign in with the server's token.",
                }}</span>
            </header>
            <form
                class="panel-body stack"
                on:submit=move |event| {
                    event.prevent_default();
                    if !untrack(off) {
                        save();
                    }
                }
            >
                <div class="form">
                    <Show when=move || has.get()>
                        <Field label="Current password" name="current-password" value=current kind="password" class="wide" autocomplete="current-password"/>
                    </Show>
                    <Field label="New password" name="new-password" value=new kind="password" class="wide" autocomplete="new-password" error=wrong hint="12 characters or more; a sentence is best."/>
                </div>
                <Refused failure=failure/>
                <span class="buttons">
                    <button type="submit" class="button" data-test="save-password" disabled=off>
                        {move || if has.get() { "Change the password" } else { "Set a password" }}
                    </button>
                    <span class="good small" role="status">{move || done.get().then_some("The new password counts from now on.")}</span>
                </span>
            </form>
        </section>
    }
}
