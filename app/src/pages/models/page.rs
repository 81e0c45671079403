//! One model: its versions, and the comparison of any two.

use std::sync::Arc;

use domain::id::{ModelName, ModelVersion};
use domain::wire::{ErrorCode, ModelView};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::address::address;
use super::compare::{Compare, link};
use super::version::Version;
use crate::api::{self, href};
use crate::components::{Empty, Tabs, Tag};
use crate::pages::dialogs::{Dialogs, Open};
use crate::pages::page_title::entitle;
use crate::pages::query_answer::QueryAnswer;
use crate::state::{Connection, Query, state};
use crate::words::Tone;

/// The page at `/models/{name}`.
#[component]
pub(crate) fn ModelPage() -> impl IntoView {
    let state = state();
    let params = use_params_map();
    let name = Memo::new(move |_| params.with(|params| params.get("name").unwrap_or_default()));
    entitle(move || name.get());
    view! {
        <div class="page" class:old=move || state.connection() == Connection::Lost>
            {move || match name.get().parse::<ModelName>() {
                Ok(name) => view! { <Detail name=name/> }.into_any(),
                Err(_) => view! { <Missing name=name.get()/> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Missing(name: String) -> impl IntoView {
    view! {
        <Empty title=format!("There is no model {name}")>
            <p>"It may have been deleted: see the "<a href=href("/history")>"history"</a>". "<a href=href("/models")>"All models"</a></p>
        </Empty>
    }
}

#[component]
fn Detail(name: ModelName) -> impl IntoView {
    let state = state();
    let asked = name.clone();
    // A model that is not there is an answer too.
    let read = move || {
        let name = asked.clone();
        async move {
            match api::models::read(&name).await {
                Ok(model) => Ok(Some(model)),
                Err(failure) if failure.is(ErrorCode::NotFound) => Ok(None),
                Err(failure) => Err(failure),
            }
        }
    };
    let query = Query::whenever(move || state.models_changed(), read);
    let title = name.to_string();
    // What is open stays open when the model is drawn anew, until there is a newer version.
    let open = RwSignal::new(None::<ModelVersion>);
    Effect::new(move |before: Option<Option<ModelVersion>>| {
        let newest = query.value().and_then(|model| model.as_ref().as_ref().map(|model| model.latest_version));
        if newest > before.flatten() {
            open.set(newest);
        }
        newest.max(before.flatten())
    });
    let draw = move |model: Arc<Option<ModelView>>| match model.as_ref() {
        Some(model) => view! { <Model model=model.clone() open=open/> }.into_any(),
        None => view! { <Missing name=title.clone()/> }.into_any(),
    };
    view! { <QueryAnswer query=query lines=8 draw=draw/> }
}

#[component]
fn Model(model: ModelView, open: RwSignal<Option<ModelVersion>>) -> impl IntoView {
    let dialogs = Dialogs::here();
    let query = use_query_map();
    let comparing =
        Memo::new(move |_| query.with(|query| query.get("current").is_some() || query.get("candidate").is_some()));
    let chosen = Signal::derive(move || if comparing.get() { "compare" } else { "versions" }.to_owned());
    let name = model.name.clone();
    let reference = |at: usize| model.versions.get(at).map(|version| version.model.reference());
    // At first the newest with the one before it; a model with one version is compared with itself until one chooses.
    let usual = (reference(1).or_else(|| reference(0)), reference(0));
    let compare = link(&name, usual.0.as_ref(), usual.1.as_ref());
    let tabs = vec![("versions", "Versions", href(&address(&name))), ("compare", "Compare", href(&compare))];
    let registered = name.clone();
    let description = model.versions.first().map(|version| version.model.description.clone()).unwrap_or_default();
    let versions = StoredValue::new(model.versions.clone());
    let shown = name.clone();
    view! {
        <header class="heading">
            <p class="crumbs sub"><a href=href("/models")>"Models"</a>" / "</p>
            <div class="page-head">
                <h1>{name.to_string()}</h1>
                <Tag tone=Tone::Plain word=model.kind.title() title="kind of package"/>
                <span class="sub words">{description}</span>
                <span class="grow"></span>
                <button type="button" class="button primary" data-test="register-version" on:click=move |_| dialogs.open(Open::Register(Some(registered.clone())))>"Register a version"</button>
            </div>
        </header>
        <Tabs tabs=tabs chosen=chosen/>
        {move || if comparing.get() {
            view! { <Compare name=shown.clone()/> }.into_any()
        } else {
            view! {
                <ul class="card folds">
                    {versions.get_value().into_iter().enumerate().map(|(i, version)| {
                        let before = versions.with_value(|versions| versions.get(i + 1).map(|before| before.model.version));
                        view! { <Version version=version before=before open=open/> }
                    }).collect_view()}
                </ul>
            }.into_any()
        }}
    }
}
