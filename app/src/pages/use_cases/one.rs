//! One use case: what it is for, which rules name it, and its deployments.

use std::sync::Arc;

use domain::action::Action;
use domain::id::UseCaseId;
use domain::wire::{DeploymentView, ErrorCode, UseCaseView};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use wasm_bindgen_futures::spawn_local;

use super::form::{DeleteUseCaseDialog, UseCaseDialog};
use super::standing::{Standing, numbers};
use crate::api::{self, Failure, href};
use crate::components::{Empty, Glyph, Icon, ImportanceMark, Menu, MenuItem, StateLabel};
use crate::pages::actions::why_not;
use crate::pages::drawn::{Drawn, lost_connection};
use crate::pages::in_address::{dialog_setter, parameter};
use crate::pages::named::Named;
use crate::pages::page_title::entitle;
use crate::pages::query_answer::{QueryAnswer, Refused};
use crate::state::{Query, state};
use crate::words;

/// The page at `/use-cases/{id}`.
#[component]
pub(crate) fn UseCasePage() -> impl IntoView {
    let state = state();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse::<UseCaseId>().ok())));
    let ready = move || {
        state.requests_changed();
        id.with(Option::is_some)
    };
    // `None` of one that is not there, or not seen.
    let query = Query::when(ready, move || {
        let id = id.get_untracked();
        async move {
            let Some(id) = id else { return Ok(None) };
            match api::use_cases::read(&id).await {
                Ok(view) => Ok(Some(view)),
                Err(failure) if failure.is(ErrorCode::NotFound) => Ok(None),
                Err(failure) => Err(failure),
            }
        }
    });
    entitle(move || match query.value().as_deref() {
        Some(Some(view)) => view.name.clone(),
        _ => "Use case".to_owned(),
    });
    let draw = move |view: Arc<Option<UseCaseView>>| match &*view {
        Some(view) => view! { <Detail view=view.clone()/> }.into_any(),
        None => view! { <Missing/> }.into_any(),
    };
    view! {
        <Drawn>
            {move || if id.with(Option::is_some) {
                view! { <QueryAnswer query=query lines=6 draw=draw/> }.into_any()
            } else {
                view! { <Missing/> }.into_any()
            }}
        </Drawn>
    }
}

#[component]
fn Missing() -> impl IntoView {
    view! {
        <Empty title="There is no such use case">
            <p>"It may have been deleted, or you may open none of its deployments any more. "<a href=href("/use-cases")>"All use cases"</a></p>
        </Empty>
    }
}

#[component]
fn Detail(view: UseCaseView) -> impl IntoView {
    let state = state();
    let (dialog, set_dialog) = (parameter("dialog"), dialog_setter());
    let id = view.id.clone();
    let linked = Memo::new(move |_| {
        let all = state.deployments();
        let mut linked: Vec<_> =
            all.into_iter().filter(|one| one.use_cases.iter().any(|linked| linked.id == id)).collect();
        linked.sort_by(|one, other| one.name.cmp(&other.name));
        linked
    });
    let failure = RwSignal::new(None::<Failure>);
    let (made_by, may_change, id) = (view.made_by.clone(), view.may_change, view.id.to_string());
    let rules = rules(&view);
    let filtered = href(&format!("/?use_case={id}"));
    let history = href(&format!("/history?use_case={id}"));
    let description = view.description.clone();
    let name = view.name.clone();
    let (use_case, may_unlink) = (StoredValue::new(view.id.clone()), view.may_unlink);
    let view = StoredValue::new(view);
    view! {
        <a class="crumb" href=href("/use-cases")>"Use cases"</a>
        <header class="page-head">
            <h1><bdi>{name.clone()}</bdi></h1>
            <span class="grow"></span>
            {may_change.then(|| view! {
                <span class="buttons">
                    <button type="button" class="button" data-test="edit-use-case" disabled=move || lost_connection().is_some() on:click=move |_| set_dialog.run("edit".to_owned())>"Edit"</button>
                    <Menu label=format!("Actions for {name}") id=format!("use-case-{id}")>
                        <MenuItem label="Delete…" name="delete-use-case" danger=true blocked=lost_connection() on_choose=move || set_dialog.run("delete-use-case".to_owned())/>
                    </Menu>
                </span>
            })}
        </header>
        {(!description.is_empty()).then(|| view! { <p class="prose">{description.clone()}</p> })}
        <p class="sub">"Created by "<Named id=made_by/>". "{rules}</p>
        <section class="part">
            <div class="part-head">
                <h2>"Deployments"</h2>
                <Standing numbers=Signal::derive(move || linked.with(|linked| numbers(linked)))/>
                <span class="grow"></span>
                <a class="small" href=filtered data-test="in-list">"In the list of deployments"</a>
                <a class="small" href=history>"History"</a>
            </div>
            <Refused failure=failure/>
            {move || linked.with(|linked| {
                if linked.is_empty() {
                    return view! {
                        <div class="panel nothing" data-test="empty">
                            <Glyph icon=Icon::Deployments/>
                            <b>"No deployment that you may open"</b>
                            <p>"Link one to it from the deployment's page or its menu: Link to a use case."</p>
                        </div>
                    }
                    .into_any();
                }
                let rows = linked.iter().map(|one| view! {
                    <LinkedRow view=one.clone() use_case=use_case may_unlink=may_unlink failure=failure/>
                });
                view! { <ul class="panel row-lines">{rows.collect_view()}</ul> }.into_any()
            })}
        </section>
        {move || match dialog.get().as_str() {
            "edit" => view! { <UseCaseDialog view=Some(view.get_value()) on_close=move || set_dialog.run(String::new())/> }.into_any(),
            "delete-use-case" => view! { <DeleteUseCaseDialog view=view.get_value() on_close=move || set_dialog.run(String::new())/> }.into_any(),
            _ => ().into_any(),
        }}
    }
}

/// A sentence about what names it.
fn rules(view: &UseCaseView) -> String {
    let policies = view.policies.iter().map(|policy| format!("the policy {}", policy.name));
    let freezes = view.freezes.iter().map(|freeze| format!("the freeze {}", freeze.name));
    let named: Vec<_> = policies.chain(freezes).collect();
    match named.is_empty() {
        true => "No policy and no freeze applies to it.".to_owned(),
        false => format!("It is subject to {}.", words::requests::joined(&named, "and")),
    }
}

#[component]
fn LinkedRow(
    view: Arc<DeploymentView>,
    use_case: StoredValue<UseCaseId>,
    may_unlink: bool,
    failure: RwSignal<Option<Failure>>,
) -> impl IntoView {
    let state = state();
    let (word, tone) = match &view.operation {
        Some(operation) => (words::operating(operation.operation), words::Tone::Moving),
        None => words::status(view.status),
    };
    let name = view.name.clone();
    let address = href(&format!("/deployments/{name}"));
    let blocked = why_not(&view, Action::LinkUseCases);
    let ready = format!("{} of {} ready", view.replicas.ready, view.replicas.desired);
    let models = words::models(&view.models);
    let id = view.id.clone();
    let unlink = move |_| {
        let (name, id) = (name.clone(), id.clone());
        failure.set(None);
        spawn_local(async move {
            match api::use_cases::unlink(&use_case.get_value(), &name).await {
                Ok(()) => {
                    state.touch(id);
                    state.reread_around();
                }
                Err(refused) => drop(failure.try_set(Some(state.noting(refused)))),
            }
        });
    };
    let off = blocked.is_some();
    view! {
        <li class="row-line" data-test="linked-deployment" data-name=view.name.to_string()>
            <span class="what">
                <a class="name" href=address>{view.name.to_string()}</a>" "<ImportanceMark importance=view.importance/>
                <span class="sub second-line">{format!("{models} · {ready}")}</span>
            </span>
            <StateLabel word=word.to_owned() tone=tone/>
            {may_unlink.then(|| view! {
                <button type="button" class="button small quiet" data-test="unlink" title=blocked.clone() disabled=move || off || lost_connection().is_some() on:click=unlink>"Unlink"</button>
            })}
        </li>
    }
}
