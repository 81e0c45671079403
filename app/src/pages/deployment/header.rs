//! The head of the page: name, state, inference URL and actions.

use std::sync::Arc;

use domain::action::Action;
use domain::model::PackageKind;
use domain::rollout::PhaseWord;
use domain::wire::{ConditionWord, DeploymentView};
use leptos::prelude::*;

use super::subject::Subject;
use crate::api::{self, href};
use crate::components::{CopyButton, ImportanceMark, StateLabel, Tag};
use crate::pages::actions::{ActionsMenu, try_address, why_not};
use crate::pages::client_script::{Called, ClientScript};
use crate::pages::dialogs::{Dialogs, Open};
use crate::state::{Connection, Query, state};
use crate::words::{self, Tone, news};

/// The URL of the model in use, if it runs elsewhere.
fn elsewhere(view: Memo<Option<Arc<DeploymentView>>>) -> Memo<Option<String>> {
    let state = state();
    let model = Memo::new(move |_| view.with(|view| view.as_ref()?.models.first().cloned()));
    let ready = move || {
        model.track();
        state.connection() == Connection::Live
    };
    let query = Query::when(ready, move || {
        let model = model.get_untracked();
        async move {
            match model {
                Some(model) => api::models::version(&model).await.map(Some),
                None => Ok(None),
            }
        }
    });
    Memo::new(move |_| {
        let found = query.value()?;
        let found = &found.as_ref().as_ref()?.model;
        found.url.clone().filter(|_| found.kind == PackageKind::External)
    })
}

/// The one state of the deployment, with the versions before and after while a rollout is in progress.
fn condition_with_versions(view: &DeploymentView) -> (String, Tone) {
    let (word, tone) = words::of_deployment(view);
    let rollout = view.newest_rollout.as_ref().filter(|rollout| rollout.phase.is_active());
    let ways = rollout.map(news::ways);
    let condition = view.condition.as_ref().map(|condition| condition.word);
    let reverting = rollout.is_some_and(|rollout| rollout.phase == PhaseWord::Reverting);
    match ways {
        // The versions stay where they are, whichever way it goes.
        Some((Some(_), _)) if reverting => {
            let back = rollout.map(news::before).unwrap_or_default();
            (format!("Returning to {back}"), tone)
        }
        Some((Some(from), to)) if condition == Some(ConditionWord::Crashing) => {
            (format!("Updating {from} → {to}: crashes"), tone)
        }
        Some((Some(from), to)) => (format!("{} {from} → {to}", words::sentence(word)), tone),
        _ => (words::sentence(word), tone),
    }
}

/// The head of the page.
#[component]
pub(crate) fn Header() -> impl IntoView {
    let state = state();
    let dialogs = Dialogs::here();
    let subject: Subject = expect_context();
    let view = subject.view;
    let url = Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.url.clone()).unwrap_or_default()));
    let blocked = Memo::new(move |_| view.with(|view| why_not(view.as_deref()?, Action::Update)));
    let update = move |_| {
        if let Some(view) = view.get_untracked().filter(|_| blocked.with_untracked(Option::is_none)) {
            dialogs.open(Open::Update(view.id.clone(), None));
        }
    };
    let status = move || view.with(|view| view.as_ref().map(|view| view.status.to_string()).unwrap_or_default());
    let label = Memo::new(move |_| {
        view.with(|view| view.as_deref().map_or_else(|| ("Gone".to_owned(), Tone::Off), condition_with_versions))
    });
    let logs = href(&format!("/deployments/{}?tab=logs", subject.name()));
    let elsewhere = elsewhere(view);
    let at = Memo::new(move |_| elsewhere.get().unwrap_or_else(|| url.get()));
    // Another configuration may take other requests.
    let called =
        Memo::new(move |_| view.with(|view| view.as_ref().map(|view| (view.name.clone(), view.configuration.clone()))));
    view! {
        <header class="heading">
            <nav class="sub crumbs" aria-label="Where this is"><a href=href("/")>"Deployments"</a>" /"</nav>
            <div class="page-head">
                <h1>{move || view.with(|view| view.as_ref().map(|view| view.name.to_string()))}</h1>
                {move || view.with(|view| view.as_ref().map(|view| view.importance)).map(|importance| view! { <ImportanceMark importance=importance/> })}
                <span data-test="status" data-status=status>
                    <StateLabel word=Signal::derive(move || label.get().0) tone=Signal::derive(move || label.get().1)/>
                </span>
                <span class="grow"></span>
                {move || view.with(|view| view.as_ref().map(|view| try_address(&view.name))).map(|address| view! {
                    <a class="button" href=address data-test="try">"Try it"</a>
                })}
                <a class="button" href=logs data-test="logs-link">"Logs"</a>
                <button
                    type="button"
                    class="button primary"
                    data-test="update"
                    aria-disabled=move || blocked.with(|blocked| blocked.is_some().then_some("true"))
                    aria-describedby="why-no-update"
                    title=move || blocked.get()
                    on:click=update
                >
                    "Update"
                </button>
                <span id="why-no-update" class="visually-hidden">{move || blocked.get()}</span>
                <ActionsMenu deployment=view/>
            </div>
            <div class="address">
                <code data-test="url">{at}</code>
                <CopyButton text=at describes="Copy the inference URL"/>
                {move || called.get().map(|(name, _)| view! { <ClientScript called=Called::Deployment(name) opened_by=("curl", "curl")/> })}
                {move || elsewhere.with(Option::is_some).then(|| view! {
                    <Tag tone=Tone::Plain word="watch only" title="The model runs elsewhere and answers there: requests do not go through Changeover."/>
                })}
                <span class="grow"></span>
                {move || view.with(|view| view.as_ref().map(|view| view! {
                    <span class="sub">
                        "target "<b>{view.target.to_string()}</b>" · created by "{state.actor_name(&view.created_by)}
                    </span>
                }))}
            </div>
        </header>
    }
}
