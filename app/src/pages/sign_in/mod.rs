//! Signing in with the token that the server wrote, or with the link that it printed.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::query_answer::Refused;
use crate::api::{self, Failure};
use crate::components::{Glyph, Icon};
use crate::state::{Access, state};

/// The token of a sign-in link (`/sign-in#TOKEN`). It is taken out of the address, so that it stays out of the browser's history.
pub(crate) fn token_of_link() -> Option<String> {
    let location = window().location();
    let hash = location.hash().ok()?;
    let token = hash.strip_prefix('#')?.to_owned();
    let here = api::href("/sign-in");
    if location.pathname().ok()? != here || token.is_empty() {
        return None;
    }
    let _ = window().history().and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(&here)));
    Some(token)
}

/// The form for a token.
#[component]
pub(crate) fn SignInPage(trouble: RwSignal<Option<Failure>>) -> impl IntoView {
    let state = state();
    let token = RwSignal::new(String::new());
    let pending = RwSignal::new(false);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let given = token.get_untracked().trim().to_owned();
        // People paste the whole link as well.
        let given = given.rsplit_once('#').map_or(given.clone(), |(_, token)| token.to_owned());
        if given.is_empty() || pending.get_untracked() {
            return;
        }
        pending.set(true);
        spawn_local(async move {
            match api::session::sign_in(&given).await {
                Ok(session) => {
                    trouble.set(None);
                    state.set_access(Access::SignedIn(Box::new(session)));
                }
                Err(failure) => trouble.set(Some(failure)),
            }
            pending.try_set(false);
        });
    };
    view! {
        <main class="alone">
            <form class="sign-in" on:submit=submit data-test="sign-in">
                <h1><Glyph icon=Icon::Brand/>"Changeover"</h1>
                <p class="sub">"Replace the model behind a live URL. Sign in with the token of this server."</p>
                <Refused failure=trouble/>
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
                <button type="submit" class="button primary" disabled=move || pending.get() || token.with(|token| token.trim().is_empty())>
                    {move || if pending.get() { "Signing in…" } else { "Sign in" }}
                </button>
            </form>
        </main>
    }
}
