//! API tokens: the list, and making one, which is shown once.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::caller::Scope;
use domain::id::DeploymentId;
use domain::principal::{PrincipalId, PrincipalKind};
use domain::wire::{ApiTokenForm, ApiTokenView};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::drawn::lost_connection;
use super::named::Named;
use super::query_answer::{QueryAnswer, Refused};
use crate::api::{self, Failure};
use crate::components::{CopyButton, DialogFooter, Field, Glyph, Icon, Modal, Ticks, use_close};
use crate::state::{Query, state};
use crate::words::{count, times, zones};

/// What a scope lets a token do.
fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "read",
        Scope::Predict => "predict",
        Scope::Deploy => "change what runs, register models",
        Scope::Share => "share deployments",
        Scope::Admin => "administer",
    }
}

/// The tokens of whoever looks at the page, and those of other people for administrators. Those of services stand beside
/// the services.
#[component]
pub(crate) fn TokenList(
    /// Opens the dialog that makes one.
    make: Callback<()>,
) -> impl IntoView {
    let state = state();
    let query = Query::whenever(move || state.people_changed(), api::people::tokens);
    let failure = RwSignal::new(None::<Failure>);
    let draw = move |tokens: Arc<Vec<ApiTokenView>>| {
        let of_people: Vec<_> =
            tokens.iter().filter(|token| token.owner.kind() != PrincipalKind::Service).cloned().collect();
        if of_people.is_empty() {
            return view! { <p class="sub inside">"You have no API token. Programs that act for you use one, instead of your password."</p> }.into_any();
        }
        let lines = of_people
            .into_iter()
            .map(|token| view! { <TokenLine token=token query=query failure=failure/> })
            .collect_view();
        view! { <ul class="row-lines">{lines}</ul> }.into_any()
    };
    view! {
        <section class="panel" data-test="tokens">
            <header class="panel-head">
                <h2>"API tokens"</h2>
                <span class="grow"></span>
                <button type="button" class="button small" data-test="new-token" disabled=move || lost_connection().is_some() on:click=move |_| make.run(())>
                    <Glyph icon=Icon::Plus/>"New token"
                </button>
            </header>
            <Refused failure=failure/>
            <QueryAnswer query=query lines=2 draw=draw/>
        </section>
    }
}

/// The tokens of a service, out of all that administrators see.
#[component]
pub(crate) fn ServiceTokens(
    owner: PrincipalId,
    query: Query<Vec<ApiTokenView>>,
    /// The reason why the last one could not be revoked.
    failure: RwSignal<Option<Failure>>,
) -> impl IntoView {
    let own = Memo::new(move |_| {
        let all = query.value()?;
        Some(all.iter().filter(|token| token.owner == owner).cloned().collect::<Vec<_>>())
    });
    move || {
        let own = own.get()?;
        Some(if own.is_empty() {
            view! { <p class="sub" data-test="no-token">"This service has no API token yet, so it cannot call the API."</p> }
                .into_any()
        } else {
            let lines =
                own.into_iter().map(|token| view! { <TokenLine token=token query=query failure=failure of=true/> });
            view! { <ul class="row-lines" aria-label="API tokens">{lines.collect_view()}</ul> }.into_any()
        })
    }
}

#[component]
fn TokenLine(
    token: ApiTokenView,
    query: Query<Vec<ApiTokenView>>,
    failure: RwSignal<Option<Failure>>,
    /// It stands beside its owner, who need not be named.
    #[prop(optional)]
    of: bool,
) -> impl IntoView {
    let state = state();
    let now = state.now();
    let id = token.id.clone();
    let revoke = move |_| {
        let id = id.clone();
        failure.set(None);
        spawn_local(async move {
            match api::people::revoke_token(&id).await {
                Ok(()) => query.ask(),
                Err(refused) => failure.set(Some(state.noting(refused))),
            }
        });
    };
    let scopes: Vec<_> = token.scopes.iter().map(|one| scope(*one)).collect();
    let bound =
        token.deployments.as_ref().map(|ids| format!(" · {} only", count(ids.len(), "deployment", "deployments")));
    let theirs = (!of && !state.is_me(&token.owner)).then(|| token.owner.clone());
    let (ends, used) = (token.expires_at, token.last_used);
    let over = move || ends <= now.get();
    view! {
        <li class="row-line" data-test="token">
            <span class="what">
                <b class:off=over><bdi>{token.name}</bdi></b>
                {theirs.map(|owner| view! { <span class="second">" of "<Named id=owner/></span> })}
                <span class="sub second-line">
                    {scopes.join(", ")}{bound}
                    {move || if over() { " · ended".to_owned() } else { format!(" · ends {}", zones::within(ends, now.get())) }}
                    {move || used.map_or(" · never used".to_owned(), |at| format!(" · used {}", times::ago(at, now.get())))}
                </span>
            </span>
            <button type="button" class="button small quiet danger" data-test="revoke-token" disabled=move || lost_connection().is_some() on:click=revoke>"Revoke"</button>
        </li>
    }
}

/// Makes a token, for oneself or for a service.
#[component]
pub(crate) fn TokenDialog(owner: Option<PrincipalId>, on_close: impl Fn() + Copy + 'static) -> impl IntoView {
    let made = RwSignal::new(None::<ApiTokenView>);
    let title = match &owner {
        Some(owner) => format!("New token of {}", state().name_of(owner)),
        None => "New API token".to_owned(),
    };
    view! {
        <Modal title=title name="token" on_close=on_close>
            {move || match made.get() {
                None => view! { <Form owner=owner.clone() made=made/> }.into_any(),
                Some(token) => view! { <Shown token=token/> }.into_any(),
            }}
        </Modal>
    }
}

#[component]
fn Form(owner: Option<PrincipalId>, made: RwSignal<Option<ApiTokenView>>) -> impl IntoView {
    let state = state();
    let name = RwSignal::new(String::new());
    let days = RwSignal::new("90".to_owned());
    let scopes = RwSignal::new(BTreeSet::from([Scope::Read]));
    let only = RwSignal::new(BTreeSet::<DeploymentId>::new());
    let pending = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let read = Memo::new(move |_| days.with(|days| days.trim().parse::<u32>().ok().filter(|d| (1..=365).contains(d))));
    let wrong = Signal::derive(move || read.get().is_none().then(|| "1 to 365".to_owned()));
    let blocked = Signal::derive(move || {
        if name.with(|name| name.trim().is_empty()) {
            return Some("Give the token a name by which you recognise it.".to_owned());
        }
        if scopes.with(BTreeSet::is_empty) {
            return Some("Choose what the token allows.".to_owned());
        }
        wrong.get().map(|_| "Fix the marked fields first.".to_owned())
    });
    let admin = state.is_admin();
    let offered = Scope::ALL
        .into_iter()
        .filter(|one| admin || *one != Scope::Admin)
        .map(|one| (one, scope(one).to_owned()))
        .collect::<Vec<_>>();
    let owner = StoredValue::new(owner);
    let send = move || {
        let form = ApiTokenForm {
            name: name.get_untracked().trim().to_owned(),
            scopes: scopes.get_untracked(),
            deployments: Some(only.get_untracked()).filter(|only| !only.is_empty()),
            expires_in_days: read.get_untracked(),
            owner: owner.get_value(),
        };
        pending.set(true);
        failure.set(None);
        spawn_local(async move {
            match api::people::create_token(&form).await {
                Ok(token) => drop(made.try_set(Some(token))),
                Err(refused) => drop(failure.try_set(Some(state.noting(refused)))),
            }
            pending.try_set(false);
        });
    };
    view! {
        <div class="content">
            <div class="form">
                <Field label="Name" name="token-name" value=name class="wide" placeholder="nightly training"/>
                <Field label="Ends after (days)" name="token-days" value=days class="short" inputmode="numeric" error=wrong/>
            </div>
            <Ticks label="What it allows" all=offered chosen=scopes/>
            <Ticks label="Only on these deployments (none chosen: on all)" all=Signal::derive(move || state.deployment_names()) chosen=only/>
            <p class="sub">"A token never allows more than its owner may do at that moment. It cannot be used to review, override, invite or create tokens."</p>
            <Refused failure=failure/>
        </div>
        <DialogFooter label="Create token".to_owned() blocked=blocked pending=pending confirm=send/>
    }
}

#[component]
fn Shown(token: ApiTokenView) -> impl IntoView {
    let close = use_close();
    let text = token.token.as_ref().map(|token| token.reveal().to_owned()).unwrap_or_default();
    view! {
        <div class="content">
            <p>"Copy the token now: it is shown only this once."</p>
            <p class="secret"><code data-test="token-text">{text.clone()}</code><CopyButton text=text describes="Copy the token"/></p>
            <p class="sub">"Whoever has the token acts for its owner. Revoke it when it is lost."</p>
        </div>
        <footer><button type="button" class="button primary" on:click=move |_| close.run()>"Done"</button></footer>
    }
}
