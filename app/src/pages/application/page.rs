//! The page of an application: a title, a few sentences, the form and the answer. It follows its deployment.

use domain::action::Action;
use domain::id::{DeploymentId, DeploymentName};
use domain::wire::ApplicationView;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::api::{self, href};
use crate::components::{Empty, Skeleton};
use crate::pages::actions::why_not;
use crate::pages::dialogs::{Dialogs, Open};
use crate::pages::page_title::entitle;
use crate::pages::query_answer::{Awaited, Trouble};
use crate::pages::trying::Trying;
use crate::state::{Connection, Listing, Query, state};

/// The page at `/apps/{deployment}`.
#[component]
pub(crate) fn ApplicationPage() -> impl IntoView {
    let state = state();
    let params = use_params_map();
    let name = Memo::new(move |_| params.with(|params| params.get("name").unwrap_or_default()));
    let found = Memo::new(move |_| {
        let name: DeploymentName = name.get().parse().ok()?;
        let id = state.id_of(&name)?;
        let has_application = state.deployment(&id).is_some_and(|view| view.application.is_some());
        has_application.then_some((id, name))
    });
    view! {
        <div class="page application" class:old=move || state.connection() == Connection::Lost data-test="application-page">
            {move || match (found.get(), state.listing()) {
                (Some((id, name)), _) => view! { <Whole id=id name=name/> }.into_any(),
                (None, Listing::Loading | Listing::First) => view! { <div class="card"><Skeleton lines=6/></div> }.into_any(),
                (None, Listing::Failed(failure)) => view! { <Trouble failure=failure/> }.into_any(),
                (None, Listing::Ready) => view! {
                    <Empty title="There is no application at this address">
                        <p>"It may have been deleted, or you have no access to it: ask whoever gave you the link. "<a href=href("/")>"All deployments"</a></p>
                    </Empty>
                }
                .into_any(),
            }}
        </div>
    }
}

#[component]
fn Whole(id: DeploymentId, name: DeploymentName) -> impl IntoView {
    let state = state();
    let dialogs = Dialogs::here();
    let view = Memo::new({
        let id = id.clone();
        move |_| state.deployment(&id)
    });
    // A consumer is told that something has changed, and not what.
    let changes = move || {
        view.track();
        state.history_changed()
    };
    let (of_application, of_input) = (name.clone(), name.clone());
    let application = Query::whenever(changes, move || {
        let name = of_application.clone();
        async move { api::predictions::application(&name).await }
    });
    let input = Query::whenever(changes, move || {
        let name = of_input.clone();
        async move { api::predictions::input(&name).await }
    });
    let said = Memo::new(move |_| application.value().map(|application| (*application).clone()));
    let read = move |of: fn(&ApplicationView) -> String| {
        Memo::new(move |_| said.with(|said| said.as_ref().map(of).unwrap_or_default()))
    };
    let (title, introduction) = (read(|said| said.terms.title.clone()), read(|said| said.terms.introduction.clone()));
    let words = Signal::derive(move || {
        said.with(|said| said.as_ref().map(|said| said.terms.fields.clone()).unwrap_or_default())
    });
    entitle(move || title.get());
    let may_change = Memo::new(move |_| {
        view.with(|view| view.as_ref().is_some_and(|view| why_not(view, Action::ManageApplication).is_none()))
    });
    let edit = move |_| dialogs.open(Open::Application(id.clone()));
    let back = href(&format!("/deployments/{name}"));
    let edit = StoredValue::new_local(edit);
    view! {
        <Show when=move || said.with(Option::is_some) fallback=move || view! { <Awaited query=application/> }>
            <header class="heading">
                <div class="page-head">
                    <h1 data-test="application-title">{title}</h1>
                    <span class="grow"></span>
                    <Show when=move || may_change.get()>
                        <button type="button" class="button" data-test="edit-application" on:click=move |event| edit.with_value(|edit| edit(event))>"Edit…"</button>
                    </Show>
                </div>
                {move || Some(introduction.get()).filter(|text| !text.is_empty()).map(|text| view! { <p class="description">{text}</p> })}
            </header>
        </Show>
        <Trying name=name.clone() input=input words=words/>
        <footer class="sub">"Predictions of the deployment "<a href=back>{name.to_string()}</a>"."</footer>
    }
}
