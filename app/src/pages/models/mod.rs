//! The registry: names, versions, signatures, and where each is in use.

mod register;

use std::sync::Arc;

use domain::wire::{ModelVersionView, ModelView};
use leptos::prelude::*;

use super::dialogs::{Dialogs, Open};
use super::shared::{Answer, entitle};
use crate::api;
use crate::components::{Ago, CopyButton, Empty, Glyph, Icon, SignatureTable, Tag};
use crate::state::{Connection, Query, state};
use crate::words::{self, Tone, numbers};

pub(crate) use register::{RegisterDialog, name_of_file};

/// The page at `/models`.
#[component]
pub(crate) fn ModelsPage() -> impl IntoView {
    let state = state();
    let dialogs = Dialogs::here();
    entitle(|| "Models".to_owned());
    let query = Query::new(api::models::list);
    Effect::new(move |_| {
        state.models_changed();
        query.ask();
    });
    let search = RwSignal::new(String::new());
    let open = RwSignal::new(None::<String>);
    let draw = move |models: Arc<Vec<ModelView>>| {
        if models.is_empty() {
            return view! { <Nothing/> }.into_any();
        }
        view! {
            {move || {
                let words = search.get().to_lowercase();
                let fitting: Vec<_> = models.iter().filter(|model| fits(model, &words)).cloned().collect();
                if fitting.is_empty() {
                    return view! { <Empty title="Nothing fits"><p>"No model fits what is searched for."</p></Empty> }.into_any();
                }
                view! {
                    <ul class="models">
                        {fitting.into_iter().map(|model| view! { <Model model=model open=open/> }).collect_view()}
                    </ul>
                }
                .into_any()
            }}
        }
        .into_any()
    };
    view! {
        <div class="page" class:old=move || state.connection() == Connection::Lost>
            <header class="page-head">
                <h1>"Models"</h1>
                <span class="grow"></span>
                <button type="button" class="button primary" data-test="register" on:click=move |_| dialogs.open(Open::Register)>"Register a model"</button>
            </header>
            <Show when=move || query.value().is_some_and(|models| !models.is_empty())>
                <div class="filters">
                    <div class="search">
                        <Glyph icon=Icon::Search/>
                        <input
                            type="search"
                            aria-label="Search models"
                            placeholder="Search by name, tag, deployment…"
                            prop:value=move || search.get()
                            on:input:target=move |event| search.set(event.target().value())
                        />
                    </div>
                </div>
            </Show>
            <Answer query=query lines=6 draw=draw/>
        </div>
    }
}

fn fits(model: &ModelView, words: &str) -> bool {
    let mut text = model.name.to_string();
    for version in &model.versions {
        text += &format!(" {}", version.model.description.to_lowercase());
        for (key, value) in &version.model.tags {
            text += &format!(" {}={}", key.to_lowercase(), value.to_lowercase());
        }
        for name in &version.in_use_by {
            text += &format!(" {name}");
        }
    }
    words.split_whitespace().all(|word| text.contains(word))
}

#[component]
fn Nothing() -> impl IntoView {
    let dialogs = Dialogs::here();
    view! {
        <Empty title="No model yet">
            <p>"A model is a file with a name; registering another file under the name makes the next version. Its signature is read from the file. From a terminal:"</p>
            <pre class="commands" tabindex="0"><code>"changeover model register iris iris.onnx"</code></pre>
            <button type="button" class="button primary" on:click=move |_| dialogs.open(Open::Register)>"Register a model"</button>
        </Empty>
    }
}

#[component]
fn Model(model: ModelView, open: RwSignal<Option<String>>) -> impl IntoView {
    let state = state();
    let name = model.name.to_string();
    let (mine, toggled) = (name.clone(), name.clone());
    let shown = Memo::new(move |_| open.with(|open| open.as_ref() == Some(&mine)));
    let toggle = move |_| {
        let name = toggled.clone();
        open.update(|open| *open = if open.as_ref() == Some(&name) { None } else { Some(name) });
    };
    let newest = model.versions.first().map(|version| version.model.registered_at);
    let mut users: Vec<_> = model.versions.iter().flat_map(|version| version.in_use_by.clone()).collect();
    users.sort();
    users.dedup();
    let used = match users.len() {
        0 => "not in use".to_owned(),
        count => format!("in use by {}", words::count(count, "deployment", "deployments")),
    };
    let description = model.versions.first().map(|version| version.model.description.clone()).unwrap_or_default();
    let versions = model.versions.clone();
    let count = versions.len();
    let hook = name.clone();
    view! {
        <li class="card" data-test="model" data-name=hook>
            <button type="button" class="fold" aria-expanded=move || shown.get().to_string() on:click=toggle>
                <Glyph icon=Icon::Chevron/>
                <b>{name}</b>
                <Tag tone=Tone::Plain word=format!("v{}", model.latest_version)/>
                <span class="sub fold-about">{description}</span>
                <span class="sub fold-counts">{words::count(count, "version", "versions")}" · "{used}</span>
                <span class="sub fold-when">{newest.map(|at| view! { <Ago at=at now=state.now()/> })}</span>
            </button>
            {move || shown.get().then(|| view! {
                <div class="versions">{versions.iter().cloned().map(|version| view! { <Version version=version/> }).collect_view()}</div>
            })}
        </li>
    }
}

#[component]
fn Version(version: ModelVersionView) -> impl IntoView {
    let state = state();
    let dialogs = Dialogs::here();
    let model = version.model;
    let reference = domain::id::ModelRef { name: model.name.clone(), version: model.version };
    let users = version.in_use_by;
    let tags: Vec<_> = model.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let digest = model.digest.to_string();
    let short: String = digest.chars().take(12).collect();
    view! {
        <section class="version" data-test="model-version" data-version=model.version.to_string()>
            <div class="version-head">
                <h2>"v"{model.version.to_string()}</h2>
                <span class="sub">
                    {numbers::bytes(model.size)}" · "{model.signature.producer.clone()}" · registered by "{model.registered_by.to_string()}" "
                    <Ago at=model.registered_at now=state.now()/>
                </span>
                {tags.into_iter().map(|tag| view! { <Tag tone=Tone::Plain word=tag/> }).collect_view()}
                <span class="grow"></span>
                <button type="button" class="button small" data-test="deploy-version" on:click=move |_| dialogs.open(Open::Deploy(Some(reference.clone())))>"Deploy"</button>
            </div>
            {(!model.description.is_empty()).then(|| view! { <p>{model.description.clone()}</p> })}
            <SignatureTable signature=model.signature.clone()/>
            <p class="sub users">
                {if users.is_empty() { "Not in use." } else { "In use by " }}
                {users.into_iter().map(|name| view! { <a href=format!("/deployments/{name}")>{name.to_string()}</a>" " }).collect_view()}
                <span class="digest">"SHA-256 "<code title=digest.clone()>{short}</code><CopyButton text=digest describes="Copy the digest"/></span>
            </p>
        </section>
    }
}
