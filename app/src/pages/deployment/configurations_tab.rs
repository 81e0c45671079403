//! Every configuration of the deployment, its details, and what differs from the one in use.

use std::sync::Arc;

use domain::action::Action;
use domain::diff::Difference;
use domain::id::ConfigurationId;
use domain::wire::ConfigurationView;
use leptos::prelude::*;

use super::facts::facts;
use super::subject::Subject;
use crate::api;
use crate::components::{DifferenceTable, Empty};
use crate::pages::actions::why_not;
use crate::pages::configuration_list::ConfigurationList;
use crate::pages::dialogs::{Dialogs, Open, UpdateTo};
use crate::pages::query_answer::QueryAnswer;
use crate::state::{Query, state};
use crate::words::{self, times};

/// The tab.
#[component]
pub(crate) fn ConfigurationsTab() -> impl IntoView {
    let subject: Subject = expect_context();
    let state = state();
    let query = Query::whenever(
        move || state.touches(&subject.id()),
        move || async move { api::deployments::configurations(&subject.name()).await },
    );
    let chosen = RwSignal::new(None::<ConfigurationId>);
    let list = Signal::derive(move || query.value().map(|list| list.to_vec()).unwrap_or_default());
    let bad = Signal::derive(move || {
        subject.view.with(|view| view.as_deref().map(crate::pages::configuration_list::known_bad).unwrap_or_default())
    });
    view! {
        <section class="card configurations">
            <QueryAnswer query=query lines=6 draw=move |_| view! {
                <div class="pick-and-detail">
                    <ConfigurationList configurations=list bad=bad chosen=chosen on_choose=move |id| chosen.set(Some(id)) offers_current=true/>
                    <div class="detail">{move || view! { <Details configurations=list.get() chosen=chosen.get()/> }}</div>
                </div>
            }.into_any()/>
        </section>
    }
}

#[component]
fn Details(configurations: Vec<ConfigurationView>, chosen: Option<ConfigurationId>) -> impl IntoView {
    let dialogs = Dialogs::here();
    let subject: Subject = expect_context();
    let current = configurations.iter().find(|configuration| configuration.in_use).cloned();
    let found = match &chosen {
        Some(id) => configurations.into_iter().find(|configuration| configuration.id == *id),
        None => current.clone(),
    };
    let Some(found) = found else {
        return view! { <Empty title="Choose a configuration"><p>"Its details appear here."</p></Empty> }.into_any();
    };
    let state = state();
    let id = found.id.clone();
    let pair = current.filter(|_| !found.in_use).map(|current| (id.clone(), current.id));
    let differences = pair.map(|pair| {
        Query::once(move || {
            let (id, against) = pair.clone();
            async move { api::deployments::differences(&subject.name(), &id, &against).await }
        })
    });
    let table = |found: Arc<Vec<Difference>>| view! { <DifferenceTable differences=found.to_vec()/> }.into_any();
    let update = move |_| {
        if let Some(view) = subject.view.get_untracked() {
            dialogs.open(Open::Update(view.id.clone(), Some(UpdateTo::Configuration(id.clone()))));
        }
    };
    let blocked = move || subject.view.with(|view| why_not(view.as_deref()?, Action::Update));
    let revisions = match found.revisions.as_slice() {
        [] => "never used".to_owned(),
        revisions => format!("revision {}", revisions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    };
    view! {
        <div class="card-head">
            <h2>{found.configuration.name.clone()}</h2>
            <span class="sub">{format!("{revisions} · created by {} · {}", state.actor_name(&found.created_by), times::exact(found.created_at))}</span>
            <span class="grow"></span>
            {(!found.in_use).then(|| view! {
                <button type="button" class="button" disabled=move || blocked().is_some() title=blocked on:click=update>"Update to this…"</button>
            })}
        </div>
        <table class="facts">
            <tbody>
                <tr><th scope="row">"model"</th><td>{words::models(&found.configuration.models)}</td></tr>
                {facts(&found.configuration).into_iter().map(|(label, value)| view! { <tr><th scope="row">{label}</th><td>{value}</td></tr> }).collect_view()}
                <tr><th scope="row">"id"</th><td><code>{found.id.to_string()}</code></td></tr>
            </tbody>
        </table>
        {differences.map(|query| view! {
            <h2>"Differences from the configuration in use"</h2>
            <QueryAnswer query=query draw=table/>
        })}
        <details class="json"><summary>"As JSON"</summary><pre tabindex="0"><code>{serde_json::to_string_pretty(&found.configuration).unwrap_or_default()}</code></pre></details>
    }
    .into_any()
}
