//! One's account at the identity provider.

use domain::wire::Errand;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::api::{self, Failure};
use crate::pages::drawn::lost_connection;
use crate::pages::query_answer::Refused;
use crate::pages::to_provider::ToProvider;
use crate::state::state;

/// The card; nothing where there is no provider.
#[component]
pub(super) fn ProviderCard() -> impl IntoView {
    let state = state();
    let failure = RwSignal::new(None::<Failure>);
    let pending = RwSignal::new(false);
    let linked = Memo::new(move |_| state.session().is_some_and(|session| session.is_linked));
    let alone = Memo::new(move |_| state.session().is_some_and(|session| session.alone));
    let unlink = move |_| {
        pending.set(true);
        failure.set(None);
        spawn_local(async move {
            // The page hears of it as of everything else that happens.
            if let Err(refused) = api::provider::unlink().await {
                failure.try_set(Some(refused));
            }
            pending.try_set(false);
        });
    };
    let way = move |name: String| {
        if linked.get() {
            view! {
                <button type="button" class="button" data-test="unlink" disabled=move || pending.get() || lost_connection().is_some() on:click=unlink>
                    {move || if pending.get() { "Unlinking…" } else { "Unlink" }}
                </button>
            }
            .into_any()
        } else {
            view! { <ToProvider label=format!("Sign in with {name} too") errand=Errand::Link class="" failure=failure/> }.into_any()
        }
    };
    let about = move |name: &str| match (linked.get(), alone.get()) {
        (true, _) => format!("Your account at {name} lets you in here."),
        (false, true) => "Your account there would let you in here, as the person at this machine.".to_owned(),
        (false, false) => "Your account there does not let you in here yet.".to_owned(),
    };
    move || {
        state.provider().map(|name| {
            view! {
                <section class="panel" data-test="provider-card">
                    <header class="panel-head">
                        <h2>{name.clone()}</h2>
                        <span class="sub" data-test="provider-about">{about(&name)}</span>
                    </header>
                    <div class="panel-body stack">
                        <Refused failure=failure/>
                        <span class="buttons">{way(name)}</span>
                    </div>
                </section>
            }
        })
    }
}
