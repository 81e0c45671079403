//! One model: its versions, the comparison of any two, and everything about the one that is asked for.

use domain::id::{ModelName, ModelRef, ModelVersion};
use domain::wire::{ErrorCode, ModelVersionView, ModelView};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map, use_query_map};

use super::about::About;
use super::compare::Compare;
use super::pair::Pair;
use super::version_row::{VersionHead, VersionRow};
use crate::api::{self, href};
use crate::components::{Empty, Glyph, Icon, Tag};
use crate::pages::dialogs::{Dialogs, Open};
use crate::pages::drawn::{Drawn, lost_connection};
use crate::pages::in_address::parameter;
use crate::pages::page_title::entitle;
use crate::pages::query_answer::Awaited;
use crate::state::{Query, state};
use crate::words::signature::brief;
use crate::words::{Tone, count};

/// Versions that are listed before somebody asks for all.
const MOST: usize = 20;

/// The page at `/models/{name}`.
#[component]
pub(crate) fn ModelPage() -> impl IntoView {
    let params = use_params_map();
    let name = Memo::new(move |_| params.with(|params| params.get("name").unwrap_or_default()));
    entitle(move || name.get());
    view! {
        <Drawn>
            {move || match name.get().parse::<ModelName>() {
                Ok(name) => view! { <Detail name=name/> }.into_any(),
                Err(_) => view! { <Missing name=name.get()/> }.into_any(),
            }}
        </Drawn>
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
    let model = Memo::new(move |_| query.value().and_then(|model| model.as_ref().clone()));
    let is_there = Memo::new(move |_| query.value().map(|model| model.is_some()));
    view! {
        <Awaited query=query lines=8/>
        {move || match is_there.get() {
            Some(true) => view! { <Model name=name.clone() model=model/> }.into_any(),
            Some(false) => view! { <Missing name=name.to_string()/> }.into_any(),
            None => ().into_any(),
        }}
    }
}

#[component]
fn Model(name: ModelName, model: Memo<Option<ModelView>>) -> impl IntoView {
    let dialogs = Dialogs::here();
    let name = StoredValue::new(name);
    let query = use_query_map();
    let versions = Memo::new(move |_| {
        let references = |model: &ModelView| model.versions.iter().map(|one| one.model.reference()).collect::<Vec<_>>();
        model.with(|model| model.as_ref().map(references).unwrap_or_default())
    });
    let pair = Memo::new(move |_| {
        let chosen = |key: &str| query.with(|query| query.get(key));
        match (chosen("current"), chosen("candidate")) {
            (None, None) => versions.with(|versions| Pair::newest(versions)),
            (current, candidate) => {
                let read = |word: Option<String>| word.and_then(|word| word.parse::<ModelRef>().ok());
                Pair { current: read(current), candidate: read(candidate) }
            }
        }
    });
    let navigate = StoredValue::new_local(use_navigate());
    let go = Callback::new(move |pair: Pair| {
        let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        let to = name.with_value(|name| pair.link(name));
        navigate.with_value(|navigate| navigate(&to, options));
    });
    let wanted = parameter("version");
    let told = Memo::new(move |_| {
        let newest = || versions.with(|versions| versions.first().map(|newest| newest.version));
        let named = wanted.with(|word| word.parse::<ModelVersion>().ok());
        named.or_else(|| name.with_value(|name| pair.with(|pair| pair.told(name)))).or_else(newest)
    });
    let told_view = Memo::new(move |_| {
        let told = told.get()?;
        let find = |model: &ModelView| model.versions.iter().find(|one| one.model.version == told).cloned();
        model.with(|model| model.as_ref().and_then(find))
    });
    let of_newest = move |read: fn(&ModelVersionView) -> String| {
        Memo::new(move |_| {
            let newest = |model: &ModelView| model.versions.first().map(read);
            model.with(|model| model.as_ref().and_then(newest)).unwrap_or_default()
        })
    };
    let about = of_newest(|newest| brief(&newest.model.signature));
    let kind = move || model.with(|model| model.as_ref().map(|model| model.kind.title()).unwrap_or_default());
    let next = move || model.with(|model| model.as_ref().and_then(|model| model.next_version));
    let register = move || next().map_or_else(|| "Register a version".to_owned(), |next| format!("Register v{next}"));
    let deploy = move |_| {
        let version = told.get_untracked();
        let reference = version.map(|version| ModelRef { name: name.get_value(), version });
        dialogs.open(Open::Deploy(reference));
    };
    let every = RwSignal::new(false);
    let listed = move || {
        let most = if every.get() { usize::MAX } else { MOST };
        versions.with(|versions| versions.iter().take(most).map(|one| one.version).collect::<Vec<_>>())
    };
    let off = move || lost_connection().is_some();
    view! {
        <header class="heading">
            <p class="crumbs sub"><a href=href("/models")>"Models"</a></p>
            <div class="page-head">
                <h1>{name.get_value().to_string()}</h1>
                {move || view! { <Tag tone=Tone::Plain word=kind() title="kind of package"/> }}
                <span class="sub words">{about}</span>
                <span class="grow"></span>
                <span class="buttons">
                    <button type="button" class="button" data-test="deploy-version" disabled=off on:click=deploy>
                        {move || told.get().map_or_else(|| "Deploy".to_owned(), |version| format!("Deploy v{version}"))}
                    </button>
                    <button type="button" class="button primary" data-test="register-version" disabled=off on:click=move |_| dialogs.open(Open::Register(Some(name.get_value())))>
                        <Glyph icon=Icon::Upload/>{register}
                    </button>
                </span>
            </div>
        </header>
        <div class="beneath">
            <div class="stack">
                <section class="part">
                    <div class="part-head">
                        <h2>"Versions"</h2>
                        <span class="count">{move || versions.with(Vec::len)}</span>
                        <span class="grow"></span>
                        <span class="sub only-wide">"Tick two to compare them"</span>
                    </div>
                    <div class="grid-table" role="table" aria-label="Versions">
                        <VersionHead/>
                        <For each=listed key=|version| *version let:version>
                            <VersionRow model=model version=version pair=pair told=told on_pair=go/>
                        </For>
                    </div>
                    {move || {
                        let hidden = versions.with(Vec::len).saturating_sub(MOST);
                        (hidden > 0 && !every.get()).then(|| view! {
                            <button type="button" class="button start" data-test="all-versions" on:click=move |_| every.set(true)>
                                {format!("Show {} more", count(hidden, "version", "versions"))}
                            </button>
                        })
                    }}
                </section>
                <Compare name=name.get_value() pair=pair on_pair=go/>
            </div>
            {move || told_view.get().map(|version| view! { <About version=version/> })}
        </div>
    }
}
