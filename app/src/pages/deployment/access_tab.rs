//! Who may do what with the deployment, where each role comes from, giving and taking them back, and who may call it.

use std::sync::Arc;

use domain::access::Role;
use domain::principal::{PrincipalId, PrincipalKind};
use domain::wire::{AccessView, GrantView};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::callers::Callers;
use super::subject::Subject;
use crate::api::{self, Failure};
use crate::components::{Ago, Choice, Glyph, Icon};
use crate::pages::drawn::lost_connection;
use crate::pages::named::{Named, NamedList};
use crate::pages::query_answer::{QueryAnswer, Refused};
use crate::state::{Query, state};

/// What a role lets somebody do.
fn role_words(role: Role) -> &'static str {
    match role {
        Role::Consumer => "predicts; sees name, URL and status",
        Role::User => "reads everything, tries candidates, shares",
        Role::Owner => "changes it, approvals permitting",
    }
}

/// The roles that somebody may give, to choose from.
fn options(up_to: Option<Role>, also: Option<Role>) -> Vec<(String, String)> {
    let offered = |role: &Role| up_to.is_some_and(|most| *role <= most) || also == Some(*role);
    Role::ALL.into_iter().filter(offered).map(|role| (role.to_string(), role.to_string())).collect()
}

/// The tab.
#[component]
pub(crate) fn AccessTab() -> impl IntoView {
    let subject: Subject = expect_context();
    let state = state();
    let query = Query::whenever(
        move || (state.touches(&subject.id()), state.people_changed(), state.requests_changed()),
        move || async move { api::access::read(&subject.name()).await },
    );
    let failure = RwSignal::new(None::<Failure>);
    let give = Callback::new(move |(principal, role): (PrincipalId, Option<Role>)| {
        failure.set(None);
        spawn_local(async move {
            if let Err(refused) = api::access::give(&subject.name(), principal, role).await {
                failure.try_set(Some(state.noting(refused)));
            }
            // What was refused is shown as it is.
            query.ask();
        });
    });
    let draw = move |access: Arc<AccessView>| {
        let may_give = access.may_give;
        let rows = access.grants.iter().cloned();
        let rows = rows.map(|grant| view! { <GrantRow grant=grant may_give=may_give give=give/> }).collect_view();
        let nobody = !access.grants.iter().any(|grant| grant.role == Role::Owner);
        view! {
            <div class="beneath">
                <div class="stack">
                    {nobody.then(|| view! {
                        <p class="quiet-box" data-test="no-owner"><Glyph icon=Icon::Warning/>"Only administrators own this deployment. Give somebody the role owner."</p>
                    })}
                    <div class="grid-table" role="list" aria-label="Roles">
                        <div class="grid-row grid-head grant-row" aria-hidden="true"><span>"Who"</span><span>"Role"</span><span>"Given"</span><span></span></div>
                        {rows}
                    </div>
                    {may_give.map(|most| view! { <Add most=most given=access.grants.iter().map(|grant| grant.principal.clone()).collect() give=give/> })}
                    {may_give.is_none().then(|| view! { <p class="sub">"You cannot give roles on this deployment: a role can only be given by somebody who has as high a one."</p> })}
                </div>
                <aside class="quiet-panel" aria-label="About roles">
                    <section>
                        <div class="quiet-head"><h2>"Roles"</h2></div>
                        <dl class="quiet-facts">{Role::ALL.map(|role| view! { <dt>{role.to_string()}</dt><dd>{role_words(role)}</dd> }).collect_view()}</dl>
                        <p class="prose second">"People can have a role of their own, of their groups and of everyone: the highest counts. Whoever has none does not see the deployment at all."</p>
                    </section>
                    <section data-test="administrators">
                        <div class="quiet-head"><h2>"Administrators"</h2></div>
                        <p class="prose second">"They count as owners everywhere: "<NamedList ids=access.administrators.clone()/>". Policies and freezes bind them too."</p>
                    </section>
                </aside>
            </div>
        }
        .into_any()
    };
    view! {
        <div class="drawn access">
            <Refused failure=failure/>
            <QueryAnswer query=query lines=5 draw=draw/>
            <Callers/>
        </div>
    }
}

#[component]
fn GrantRow(grant: GrantView, may_give: Option<Role>, give: Callback<(PrincipalId, Option<Role>)>) -> impl IntoView {
    let state = state();
    let id = StoredValue::new(grant.principal.clone());
    let role = grant.role;
    // Only an owner changes an owner; the server says so too.
    let may = may_give.is_some_and(|most| role <= most);
    let (icon, kind) = match grant.principal.kind() {
        PrincipalKind::Person => (Icon::Person, "person"),
        PrincipalKind::Service => (Icon::Swap, "service"),
        PrincipalKind::Group => (Icon::People, "group"),
        PrincipalKind::Everyone => (Icon::People, "everybody who is let in"),
    };
    let by = grant.by.clone();
    let off = move || lost_connection().is_some();
    view! {
        <div class="grid-row grant-row" role="listitem" data-test="grant">
            <div class="grant-who">
                <Glyph icon=icon/>
                <span><b class="second-line"><Named id=grant.principal.clone()/></b><span class="sub second-line">{kind}</span></span>
            </div>
            <div>
                {if may {
                    view! {
                        <Choice
                            label="Role"
                            name="grant-role" of=id.get_value().to_string()
                            bare=true
                            options=options(may_give, Some(role))
                            value=role.to_string()
                            on_choose=move |word| give.run((id.get_value(), word.parse().ok()))
                        />
                    }.into_any()
                } else {
                    view! { <span>{role.to_string()}</span> }.into_any()
                }}
            </div>
            <span class="sub">"by "{move || state.actor_name(&by)}", "<Ago at=grant.at now=state.now()/></span>
            <div class="act">
                {may.then(|| view! {
                    <button type="button" class="button small quiet" data-test="take-role" disabled=off on:click=move |_| give.run((id.get_value(), None))>"Take back"</button>
                })}
            </div>
        </div>
    }
}

/// Gives a role to somebody who has none of their own yet.
#[component]
fn Add(most: Role, given: Vec<PrincipalId>, give: Callback<(PrincipalId, Option<Role>)>) -> impl IntoView {
    let state = state();
    let who = RwSignal::new(String::new());
    let role = RwSignal::new(Role::User.min(most).to_string());
    let others = Signal::derive(move || {
        let mut all: Vec<_> = state
            .principals()
            .into_iter()
            .filter(|one| !one.disabled && !given.contains(&one.id))
            .map(|one| {
                let kind = match one.kind {
                    PrincipalKind::Group => " (group)",
                    PrincipalKind::Service => " (service)",
                    PrincipalKind::Person | PrincipalKind::Everyone => "",
                };
                (one.id.to_string(), format!("{}{kind}", one.name))
            })
            .collect();
        let everyone = PrincipalId::everyone();
        if !given.contains(&everyone) && !all.iter().any(|(id, _)| *id == everyone.to_string()) {
            all.push((everyone.to_string(), "everyone".to_owned()));
        }
        all.sort_by_key(|(_, name)| name.to_lowercase());
        all.insert(0, (String::new(), "Choose somebody".to_owned()));
        all
    });
    let add = move |_| {
        if let Ok(id) = who.get_untracked().parse() {
            give.run((id, role.with_untracked(|role| role.parse().ok())));
            who.set(String::new());
        }
    };
    view! {
        <div class="form add-grant" data-test="add-grant">
            <Choice label="Give" name="grant-who" options=others value=who on_choose=move |value| who.set(value)/>
            <Choice label="the role" name="grant-new-role" options=options(Some(most), None) value=role on_choose=move |value| role.set(value)/>
            <button type="button" class="button" data-test="give-role" disabled=move || who.with(String::is_empty) || lost_connection().is_some() on:click=add>"Give the role"</button>
        </div>
    }
}
