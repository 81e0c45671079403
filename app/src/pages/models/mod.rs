//! The registry: every model with its kind, its newest version and where it is in use.

mod address;
mod compare;
mod declare;
mod delete;
mod page;
mod register;
mod version;

use std::sync::Arc;

use domain::wire::ModelView;
use leptos::prelude::*;

pub(crate) use self::address::address;
use super::dialogs::{Dialogs, Open};
use super::page_title::entitle;
use super::query_answer::QueryAnswer;
use crate::api::{self, href};
use crate::components::{Ago, Empty, SearchBox, Tag};
use crate::state::{Connection, Query, state};
use crate::words::{self, Tone};

pub(crate) use delete::DeleteModelDialog;
pub(crate) use page::ModelPage;
pub(crate) use register::RegisterDialog;

/// The page at `/models`.
#[component]
pub(crate) fn ModelsPage() -> impl IntoView {
    let state = state();
    let dialogs = Dialogs::here();
    entitle(|| "Models".to_owned());
    let query = Query::whenever(move || state.models_changed(), api::models::list);
    let search = RwSignal::new(String::new());
    let draw = move |models: Arc<Vec<ModelView>>| {
        if models.is_empty() {
            return view! { <NoModels/> }.into_any();
        }
        view! {
            {move || {
                let words = search.get().to_lowercase();
                let fitting: Vec<_> = models.iter().filter(|model| fits(model, &words)).cloned().collect();
                if fitting.is_empty() {
                    return view! { <Empty title="No model matches"><p>"Change or clear the search."</p></Empty> }.into_any();
                }
                view! {
                    <ul class="models table">
                        {fitting.into_iter().map(|model| view! { <Model model=model/> }).collect_view()}
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
                <button type="button" class="button primary" data-test="register" on:click=move |_| dialogs.open(Open::Register(None))>"Register a model"</button>
            </header>
            <Show when=move || query.value().is_some_and(|models| !models.is_empty())>
                <div class="filters">
                    <SearchBox label="Search models" placeholder="Search by name, tag, deployment…" typed=search/>
                </div>
            </Show>
            <QueryAnswer query=query lines=6 draw=draw/>
        </div>
    }
}

fn fits(model: &ModelView, words: &str) -> bool {
    let mut text = format!("{} {}", model.name, model.kind.title().to_lowercase());
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
fn NoModels() -> impl IntoView {
    let dialogs = Dialogs::here();
    view! {
        <Empty title="No model yet">
            <p>"A model is a name with one or more versions: each file that is registered under the name becomes the next version. Inputs and outputs are read from the file. From a terminal:"</p>
            <pre class="commands" tabindex="0"><code>"changeover model register iris iris.onnx"</code></pre>
            <button type="button" class="button primary" on:click=move |_| dialogs.open(Open::Register(None))>"Register a model"</button>
        </Empty>
    }
}

#[component]
fn Model(model: ModelView) -> impl IntoView {
    let state = state();
    let newest = model.versions.first();
    let at = newest.map(|version| version.model.registered_at);
    let description = newest.map(|version| version.model.description.clone()).unwrap_or_default();
    let mut users: Vec<_> = model.versions.iter().flat_map(|version| version.in_use_by.clone()).collect();
    users.sort();
    users.dedup();
    let used = match users.len() {
        0 => "not in use".to_owned(),
        count => format!("in use by {}", words::count(count, "deployment", "deployments")),
    };
    let count = words::count(model.versions.len(), "version", "versions");
    view! {
        <li data-test="model" data-name=model.name.to_string()>
            <span class="model-title">
                <a class="row-link" href=href(&address(&model.name))>{model.name.to_string()}</a>
                <Tag tone=Tone::Plain word=model.kind.title()/>
            </span>
            <span class="model-version">"v"{model.latest_version.to_string()}</span>
            <span class="sub model-about">{description}</span>
            <span class="sub">{count}" · "{used}</span>
            <span class="sub model-when">{at.map(|at| view! { <Ago at=at now=state.now()/> })}</span>
        </li>
    }
}
