//! The registry: every model with its signature in brief, where it is in use, and what could be updated.

mod about;
mod compare;
mod declare;
mod delete;
mod facts;
mod listing;
mod package_form;
mod page;
mod pair;
mod register;
mod row;
mod update_button;
mod version_row;

use std::collections::BTreeMap;

use domain::id::ModelName;
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use self::listing::{ModelFilter, counts, fitting, listed};
use self::row::Row;
use super::dialogs::{Dialogs, Open};
use super::drawn::{Drawn, lost_connection};
use super::in_address::{parameter, parameter_setter};
use super::page_title::entitle;
use super::query_answer::Awaited;
use super::row_keys::step_row;
use super::slash::focus_on_slash;
use crate::api::{self, href};
use crate::components::{Empty, Glyph, Icon, SearchBox, WindowList};
use crate::state::{Query, state};
use crate::words::{count, numbers};

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
    let (words, set_words) = (parameter("q"), parameter_setter("q"));
    let wanted = parameter("show");
    let query_of_page = use_query_map();
    let shown = Memo::new(move |_| wanted.with(|word| ModelFilter::read(word)));
    let typed = RwSignal::new(words.get_untracked());
    // A link may have changed what is searched for.
    Effect::new(move |_| {
        let words = words.get();
        if words.trim() != typed.with_untracked(|typed| typed.trim().to_owned()) {
            typed.set(words);
        }
    });
    let search = NodeRef::<html::Input>::new();
    focus_on_slash(search);
    let all = Memo::new(move |_| query.value().map(|models| listed(&models, &state.deployments())));
    let by_name = Memo::new(move |_| {
        let by_name = |all: &Vec<_>| {
            let named = all.iter().map(|one: &std::sync::Arc<listing::Listed>| (one.view.name.clone(), one.clone()));
            named.collect::<BTreeMap<ModelName, _>>()
        };
        all.with(|all| all.as_ref().map(by_name).unwrap_or_default())
    });
    let rows = Memo::new(move |_| {
        all.with(|all| {
            let fit = |all: &Vec<_>| words.with(|words| fitting(all, shown.get(), words));
            all.as_ref().map(fit).unwrap_or_default()
        })
    });
    let totals = Memo::new(move |_| all.with(|all| all.as_deref().map(counts).unwrap_or_default()));
    let some = Memo::new(move |_| totals.with(|totals| totals[0] > 0));
    let body = Memo::new(move |_| match all.with(|all| all.as_ref().map(Vec::is_empty)) {
        None => Body::Unknown,
        Some(true) => Body::Nothing,
        Some(false) if rows.with(Vec::is_empty) => Body::NothingFits,
        Some(false) => Body::Rows,
    });
    let chip = move |at: usize, choice: ModelFilter| {
        let address = move || {
            let mut to = query_of_page.get();
            to.remove("show");
            if choice != ModelFilter::All {
                to.insert("show".to_owned(), choice.key().to_owned());
            }
            href(&format!("/models{}", to.to_query_string()))
        };
        let number = move || totals.with(|totals| totals.get(at).copied().unwrap_or_default());
        let class = move || if choice == ModelFilter::Outdated && number() > 0 { "facet moving" } else { "facet" };
        view! {
            <a
                class=class
                href=address
                aria-current=move || (shown.get() == choice).then_some("true")
                data-test=format!("show-{}", if choice == ModelFilter::All { "all" } else { choice.key() })
                data-noscroll=""
            >
                {choice.title()}" "<b>{move || numbers::whole(number() as u64)}</b>
            </a>
        }
    };
    view! {
        <Drawn>
            <header class="page-head">
                <h1>"Models"</h1>
                <Show when=move || some.get()>
                    <div class="search-keys" on:keydown=move |event| step_row(&event)>
                        <SearchBox
                            label="Search models"
                            placeholder="Search name, tag, input"
                            typed=typed
                            input=search
                            key="/"
                            on:input=move |_| set_words.run(typed.get_untracked())
                        />
                    </div>
                    <div class="facets" role="group" aria-label="Filters">
                        {ModelFilter::ALL.into_iter().enumerate().map(|(at, choice)| chip(at, choice)).collect_view()}
                    </div>
                </Show>
                <span class="grow"></span>
                <button
                    type="button"
                    class="button primary"
                    data-test="register"
                    disabled=move || lost_connection().is_some()
                    on:click=move |_| dialogs.open(Open::Register(None))
                >
                    <Glyph icon=Icon::Upload/>"Register"
                </button>
            </header>
            <Awaited query=query lines=6/>
            {move || match body.get() {
                Body::Unknown => ().into_any(),
                Body::Nothing => view! { <NoModels/> }.into_any(),
                Body::NothingFits => {
                    let title = words.with(|words| no_matches(words, shown.get()));
                    let total = totals.with(|totals| count(totals[0], "model", "models"));
                    view! {
                        <Empty title=title>
                            <p>{format!("Searched {total} by name, description, tag, input, output and deployment. ")}<a href=href("/models")>"Show all models"</a></p>
                        </Empty>
                    }
                    .into_any()
                }
                Body::Rows => view! {
                    <div class="table models">
                        <div role="table" aria-label="All models" aria-rowcount=move || (rows.with(Vec::len) + 1).to_string()>
                            <Head/>
                            <WindowList keys=rows row=move |name| view! { <Row name=name all=by_name/> }/>
                        </div>
                        <p class="table-foot">
                            <span role="status" data-test="shown">{move || format!("{} of {}", numbers::whole(rows.with(Vec::len) as u64), totals.with(|totals| count(totals[0], "model", "models")))}</span>
                            <span class="grow"></span>
                            <span class="only-wide">"Drop a model file anywhere on this page to register it."</span>
                        </p>
                    </div>
                }
                .into_any(),
            }}
        </Drawn>
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Body {
    Unknown,
    Nothing,
    NothingFits,
    Rows,
}

/// The sentence of an empty list, with what was searched for and the filter that is on.
fn no_matches(words: &str, shown: ModelFilter) -> String {
    let within = match shown {
        ModelFilter::All => String::new(),
        some => format!(" under “{}”", some.title()),
    };
    match words.trim() {
        "" => format!("No model{within}"),
        words => format!("No model matches “{words}”{within}"),
    }
}

#[component]
fn Head() -> impl IntoView {
    let cell = |class: &'static str, title: &'static str| {
        view! { <div role="columnheader" class=format!("cell {class}")>{title}</div> }
    };
    view! {
        <div class="table-head" role="rowgroup">
            <div class="table-row" role="row" aria-rowindex="1">
                {cell("model-title", "Model")}{cell("model-latest", "Latest")}{cell("model-users", "In use by")}{cell("model-update", "Update")}
                <div role="columnheader" class="cell model-when" aria-sort="descending">"Registered "<span aria-hidden="true">"↓"</span></div>
                <div role="columnheader" class="cell menu-cell"><span class="visually-hidden">"Actions"</span></div>
            </div>
        </div>
    }
}

#[component]
fn NoModels() -> impl IntoView {
    let dialogs = Dialogs::here();
    view! {
        <Empty title="No model yet">
            <p>"A model is a name with one or more versions: each file that is registered under the name becomes the next version. Inputs and outputs are read from the file. Drop a file anywhere on this page, choose one, or do it from a terminal:"</p>
            <pre class="commands" tabindex="0"><code>"changeover model register iris iris.onnx"</code></pre>
            <button type="button" class="button primary" on:click=move |_| dialogs.open(Open::Register(None))>"Register a model"</button>
        </Empty>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_says_what_was_searched() {
        assert_eq!(no_matches(" churn ", ModelFilter::All), "No model matches “churn”");
        assert_eq!(no_matches("churn", ModelFilter::InUse), "No model matches “churn” under “In use”");
        assert_eq!(no_matches("", ModelFilter::NotUsed), "No model under “Not used”");
    }
}
