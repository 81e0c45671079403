//! May this version replace that one? Any two versions; which ones stands in the address, so that it can be shared.

use domain::compat::Report;
use domain::id::{ModelName, ModelRef};
use domain::wire::CompareModels;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::address::address;
use crate::api;
use crate::components::{Choice, CompatibilityReport, Empty, Glyph, Icon};
use crate::pages::query_answer::QueryAnswer;
use crate::pages::side_by_side::SideBySide;
use crate::state::{Query, state};
use crate::words;

/// The address of a comparison on a model's page.
pub(super) fn link(name: &ModelName, current: Option<&ModelRef>, candidate: Option<&ModelRef>) -> String {
    let word = |model: Option<&ModelRef>| model.map(ToString::to_string).unwrap_or_default();
    format!("{}?current={}&candidate={}", address(name), word(current), word(candidate))
}

/// The choice of two versions, the report, and both signatures.
#[component]
pub(super) fn Compare(name: ModelName) -> impl IntoView {
    let state = state();
    let query = use_query_map();
    let chosen = move |key: &'static str| {
        Memo::new(move |_| query.with(|query| query.get(key).and_then(|word| word.parse::<ModelRef>().ok())))
    };
    let (current, candidate) = (chosen("current"), chosen("candidate"));
    let navigate = StoredValue::new_local(use_navigate());
    let name = StoredValue::new(name);
    let go = move |current: Option<ModelRef>, candidate: Option<ModelRef>| {
        let to = name.with_value(|name| link(name, current.as_ref(), candidate.as_ref()));
        let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        navigate.with_value(|navigate| navigate(&to, options));
    };
    let models = Query::whenever(move || state.models_changed(), api::models::list);
    let options = Signal::derive(move || {
        let mut options = vec![(String::new(), "Choose a version".to_owned())];
        let models = models.value();
        let mut known: Vec<_> = models.iter().flat_map(|models| models.iter()).collect();
        // Its own versions first.
        known.sort_by_key(|model| name.with_value(|name| model.name != *name));
        options.extend(known.into_iter().flat_map(|model| model.versions.iter()).map(|version| {
            let model = version.model.reference();
            (model.to_string(), words::models(std::slice::from_ref(&model)))
        }));
        options
    });
    let word = |model: Memo<Option<ModelRef>>| {
        Signal::derive(move || model.with(|model| model.as_ref().map(ToString::to_string).unwrap_or_default()))
    };
    let pair = Memo::new(move |_| Some((current.get()?, candidate.get()?)));
    view! {
        <section class="card compare">
            <div class="form compare-pick">
                <Choice label="In use" name="current" options=options value=word(current) on_choose=move |word| go(word.parse().ok(), candidate.get_untracked())/>
                <button type="button" class="button square" aria-label="Swap the two" title="Swap the two" data-test="swap" on:click=move |_| go(candidate.get_untracked(), current.get_untracked())>
                    <Glyph icon=Icon::Swap/>
                </button>
                <Choice label="Candidate" name="candidate" options=options value=word(candidate) on_choose=move |word| go(current.get_untracked(), word.parse().ok())/>
            </div>
            {move || match pair.get() {
                Some((current, candidate)) => view! { <Comparison current=current candidate=candidate/> }.into_any(),
                None => view! { <Empty title="Choose two versions"><p>"The report tells from their files whether the candidate can replace the version in use. Versions of other models can be chosen too."</p></Empty> }.into_any(),
            }}
        </section>
    }
}

#[component]
fn Comparison(current: ModelRef, candidate: ModelRef) -> impl IntoView {
    let asked = CompareModels { current: Some(current.clone()), candidate: candidate.clone(), deployment: None };
    let query = Query::once(move || {
        let asked = asked.clone();
        async move { api::compat::compare(&asked).await }
    });
    let draw =
        move |report: std::sync::Arc<Report>| view! { <CompatibilityReport report=(*report).clone()/> }.into_any();
    let title = format!(
        "Can {} replace {}?",
        words::models(std::slice::from_ref(&candidate)),
        words::models(std::slice::from_ref(&current))
    );
    view! {
        <section class="compare-part">
            <h2>{title}</h2>
            <QueryAnswer query=query lines=5 draw=draw/>
        </section>
        <section class="compare-part">
            <h2>"Side by side"</h2>
            <SideBySide current=current candidate=candidate/>
        </section>
    }
}
