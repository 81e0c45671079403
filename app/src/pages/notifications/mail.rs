//! How mail is sent, and a mail to try that.

use std::sync::Arc;

use domain::wire::{MailView, TryAnswer};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::api::{self, Failure};
use crate::components::{Banner, Field, Glyph, Icon};
use crate::pages::drawn::lost_connection;
use crate::pages::query_answer::{QueryAnswer, Refused};
use crate::state::{Query, state};
use crate::words::Tone;
use crate::words::count;

/// Milliseconds until it is asked again how mail fares.
const AGAIN_MS: u32 = 10_000;

/// The tab.
#[component]
pub(super) fn MailTab() -> impl IntoView {
    let query = Query::once(api::webhooks::mail);
    query.ask_every(AGAIN_MS, || true);
    let draw = move |view: Arc<MailView>| {
        let Some(server) = view.server.clone() else {
            return view! {
                <div class="panel nothing" data-test="no-mail">
                    <Glyph icon=Icon::Bell/>
                    <b>"No mail is sent"</b>
                    <p>"Add the table "<code>"[mail]"</code>" to changeover.toml, with host and from, and start the server again. Until then people are told here, and by webhooks."</p>
                </div>
            }
            .into_any();
        };
        let trouble = view.trouble.clone().map(|why| {
            view! {
                <Banner tone=Tone::Bad title="The mail server cannot be reached" name="mail-trouble">
                    <p>{why}" Changeover keeps trying, for three days for each mail."</p>
                </Banner>
            }
        });
        view! {
            {trouble}
            <dl class="facts">
                <dt>"Mail server"</dt><dd>{server}</dd>
                <dt>"From"</dt><dd>{view.from.clone()}</dd>
                <dt>"Waiting"</dt><dd>{count(usize::try_from(view.waiting).unwrap_or(usize::MAX), "mail", "mails")}</dd>
            </dl>
        }
        .into_any()
    };
    let is_sent = Memo::new(move |_| query.value().is_some_and(|view| view.server.is_some()));
    view! {
        <section class="part">
            <QueryAnswer query=query lines=4 draw=draw/>
            <Show when=move || is_sent.get()><TryOut/></Show>
        </section>
    }
}

#[component]
fn TryOut() -> impl IntoView {
    let state = state();
    let me = Query::once(api::own::read);
    let to = RwSignal::new(String::new());
    Effect::new(move |_| {
        if let Some(email) = me.value().and_then(|me| me.email.clone())
            && untrack(|| to.with(String::is_empty))
        {
            to.set(email);
        }
    });
    let (pending, tried) = (RwSignal::new(false), RwSignal::new(None::<TryAnswer>));
    let failure = RwSignal::new(None::<Failure>);
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        pending.set(true);
        tried.set(None);
        failure.set(None);
        spawn_local(async move {
            match api::webhooks::test_mail(to.get_untracked().trim()).await {
                Ok(answer) => drop(tried.try_set(Some(answer))),
                Err(refused) => drop(failure.try_set(Some(state.noting(refused)))),
            }
            pending.try_set(false);
        });
    };
    let off = move || pending.get() || lost_connection().is_some() || to.with(|to| to.trim().is_empty());
    view! {
        <form class="panel" on:submit=send>
            <header class="panel-head"><h2>"Send a mail to try it"</h2></header>
            <div class="inside form">
                <Field label="Send a mail to" name="mail-to" value=to class="wide" inputmode="email" placeholder="you@example.com"/>
                <button type="submit" class="button" data-test="mail-test" disabled=off>
                    {move || if pending.get() { "Sending…" } else { "Send the mail" }}
                </button>
            </div>
            <div class="inside" role="status">
                <Refused failure=failure/>
                {move || tried.get().map(|tried| view! { <Outcome tried=tried/> })}
            </div>
        </form>
    }
}

/// What came of a message that was sent to try something.
#[component]
pub(super) fn Outcome(tried: TryAnswer) -> impl IntoView {
    let (tone, title) = if tried.accepted {
        (Tone::Good, "The message was accepted")
    } else {
        (Tone::Bad, "The message was not accepted")
    };
    view! {
        <Banner tone=tone title=title name="tried"><p>{tried.answer}</p></Banner>
    }
}
