//! Two versions of a request beside each other: what was changed in what is asked for.

use domain::exact_plan::field_in_words;
use domain::id::{ConfigurationId, DeploymentName};
use domain::wire::{ChangeRequestView, RequestVersionView};
use leptos::prelude::*;

use super::subject::RequestSubject;
use super::value_changes::ValueChanges;
use crate::api;
use crate::components::{Choice, DifferenceTable};
use crate::pages::in_address::{parameter, parameter_setter};
use crate::pages::query_answer::QueryAnswer;
use crate::state::Query;

/// The key in the address, with a value such as *1-2*.
const KEY: &str = "compare";

/// Leads to the comparison of a request's last two versions; nothing while it has one.
#[component]
pub(super) fn CompareLink(versions: Vec<u32>) -> impl IntoView {
    let compare = parameter_setter(KEY);
    let [.., older, newer] = versions[..] else { return ().into_any() };
    view! {
        <button type="button" class="button small quiet" data-test="compare-versions" on:click=move |_| compare.run(format!("{older}-{newer}"))>
            {format!("Compare {older} and {newer}")}
        </button>
    }
    .into_any()
}

/// The comparison that the address asks for.
#[component]
pub(super) fn Between() -> impl IntoView {
    let RequestSubject { view, .. } = expect_context();
    let (compared, compare) = (parameter(KEY), parameter_setter(KEY));
    let name = Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.deployment_name.clone())));
    let numbers = Memo::new(move |_| {
        let numbers = |view: &ChangeRequestView| view.versions.iter().map(|version| version.number).collect::<Vec<_>>();
        view.with(|view| view.as_deref().map(numbers).unwrap_or_default())
    });
    let pair = Memo::new(move |_| {
        let (older, newer) = compared.with(|text| text.split_once('-').and_then(numbered))?;
        view.with(|view| Some((version(view.as_deref()?, older)?, version(view.as_deref()?, newer)?)))
    });
    let choose = move |label, name, chosen: u32, other: fn(u32, u32) -> String, fixed: u32| {
        let options = move || numbers.get().iter().map(|n| (n.to_string(), format!("Version {n}"))).collect::<Vec<_>>();
        view! {
            <Choice label=label name=name bare=true options=Signal::derive(options) value=Signal::derive(move || chosen.to_string())
                on_choose=move |value| if let Ok(value) = value.parse() { compare.run(other(value, fixed)) }/>
        }
    };
    move || {
        let ((older, newer), name) = (pair.get()?, name.get()?);
        let (first, second) = (older.number, newer.number);
        Some(view! {
            <section class="panel" data-test="between">
                <header class="panel-head">
                    <h2>{format!("Version {first} and version {second}")}</h2>
                    <span class="grow"></span>
                    {(numbers.with(Vec::len) > 2).then(|| view! {
                        {choose("The earlier version", "compare-from", first, |value, fixed| format!("{value}-{fixed}"), second)}
                        {choose("The later version", "compare-to", second, |value, fixed| format!("{fixed}-{value}"), first)}
                    })}
                    <button type="button" class="button small quiet" on:click=move |_| compare.run(String::new())>"Close"</button>
                </header>
                <div class="panel-body">{differing(&older, &newer, name)}</div>
            </section>
        })
    }
}

fn numbered((older, newer): (&str, &str)) -> Option<(u32, u32)> {
    Some((older.parse().ok()?, newer.parse().ok()?))
}

fn version(view: &ChangeRequestView, number: u32) -> Option<RequestVersionView> {
    view.versions.iter().find(|version| version.number == number).cloned()
}

fn differing(older: &RequestVersionView, newer: &RequestVersionView, name: DeploymentName) -> AnyView {
    let (Some(before), Some(after)) = (&older.plan, &newer.plan) else { return ().into_any() };
    let content = match (&older.configuration, &newer.configuration) {
        (Some(was), Some(becomes)) if was != becomes => Some((was.clone(), becomes.clone())),
        _ => None,
    };
    let changes = before.changes(after).into_iter();
    let changes = changes.filter(|(path, _)| content.is_none() || field_in_words(path) != "content");
    let changes: Vec<_> = changes.map(|(path, change)| (field_in_words(&path), change)).collect();
    let same = changes.is_empty() && content.is_none();
    view! {
        {content.map(|(was, becomes)| view! { <Content name=name was=was becomes=becomes/> })}
        {(!changes.is_empty()).then(|| view! { <ValueChanges changes=changes/> })}
        {same.then(|| view! { <p class="prose second">"Both ask for the same."</p> })}
    }
    .into_any()
}

/// The fields in which the configurations of two versions differ.
#[component]
fn Content(name: DeploymentName, was: ConfigurationId, becomes: ConfigurationId) -> impl IntoView {
    let query = Query::once(move || {
        let (name, was, becomes) = (name.clone(), was.clone(), becomes.clone());
        async move { api::deployments::differences(&name, &becomes, &was).await }
    });
    let draw = |found: std::sync::Arc<Vec<domain::diff::Difference>>| {
        view! { <DifferenceTable differences=found.to_vec()/> }.into_any()
    };
    view! { <QueryAnswer query=query lines=3 draw=draw/> }
}
