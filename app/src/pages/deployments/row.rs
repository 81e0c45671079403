//! One deployment of the dashboard: a row, or a card where there is little room.

use std::sync::Arc;

use domain::access::Role;
use domain::action::Action;
use domain::deployment::Status;
use domain::id::DeploymentId;
use domain::wire::{Condition, DeploymentView};
use leptos::prelude::*;

use crate::api::href;
use crate::components::{Ago, Sparkline, Squares, StateLabel, Tag};
use crate::pages::actions::{ActionsMenu, why_not};
use crate::pages::dialogs::{Dialogs, Open};
use crate::pages::replica_squares::{replicas_in_words, squares};
use crate::state::{State, state};
use crate::words::{self, Tone, numbers};

/// The share of failed requests from which on it is red: one in a hundred.
const FAILING: f64 = 0.01;

/// Draws itself again when its deployment changes, cell by cell.
#[component]
pub(crate) fn Row(id: DeploymentId) -> impl IntoView {
    let state = state();
    let view = Memo::new({
        let id = id.clone();
        move |_| state.deployment(&id)
    });
    let Some(first) = view.get_untracked() else { return ().into_any() };
    let name = first.name.clone();
    let of = move |read: fn(&DeploymentView) -> String| {
        Memo::new(move |_| view.with(|view| view.as_deref().map(read).unwrap_or_default()))
    };
    let named = move |read: fn(&DeploymentView, State) -> String| {
        Memo::new(move |_| view.with(|view| view.as_deref().map(|view| read(view, state)).unwrap_or_default()))
    };
    if first.role == Some(Role::Consumer) {
        return view! { <ConsumerRow view=first/> }.into_any();
    }
    let dash = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    let rate = of(|view| match view.status {
        Status::Stopped => "–".to_owned(),
        _ => numbers::rate(view.traffic.requests_per_second),
    });
    let p95 = Memo::new(move |_| {
        dash(view.with(|view| view.as_ref().and_then(|view| view.traffic.p95_ms.map(numbers::millis))))
    });
    let errors = Memo::new(move |_| {
        dash(view.with(|view| view.as_ref().and_then(|view| view.traffic.error_share.map(numbers::share))))
    });
    let failing = Memo::new(move |_| {
        view.with(|view| view.as_ref().is_some_and(|view| view.traffic.error_share.unwrap_or(0.0) >= FAILING))
    });
    let spark =
        Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.traffic.spark.clone()).unwrap_or_default()));
    let cells = Memo::new(move |_| view.with(|view| view.as_deref().map(squares).unwrap_or_default()));
    let changed = Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.last_operation.at)));
    let fallback = first.last_operation.at;
    view! {
        <div class="table-row link" data-test="deployment" data-name=name.to_string()>
            <div role="cell" class="cell name">
                <div class="line-one">
                <a href=href(&format!("/deployments/{name}")) data-row-focus="" class="row-link">{name.to_string()}</a>
                {move || view.with(|view| view.as_ref().map(|view| {
                    let (word, tone) = words::importance(view.importance);
                    view! { <Tag tone=tone word=word title="importance"/> }
                }))}
                </div>
                <div class="sub">{named(|view, state| format!("{} · by {}", view.target, state.actor_name(&view.created_by)))}</div>
            </div>
            <div role="cell" class="cell status">
                <StatusCell view=view/>
            </div>
            <div role="cell" class="cell model">
                <ModelCell view=view/>
            </div>
            <div role="cell" class="cell replicas">
                <Squares squares=cells label=Signal::derive(move || view.with(|view| view.as_deref().map(replicas_in_words).unwrap_or_default()))/>
                <span class="sub" aria-hidden="true">
                    {of(|view| match view.replicas.desired { 0 => "none".to_owned(), desired => format!("{} of {desired}", view.replicas.ready) })}
                </span>
            </div>
            <div role="cell" class="cell requests number">{rate}<span class="only-narrow">" /s"</span></div>
            <div role="cell" class="cell hour"><Sparkline values=spark bad=failing/></div>
            <div role="cell" class="cell p95 number">{p95}</div>
            <div role="cell" class="cell errors number" class:bad=failing>{errors}<span class="only-narrow">" errors"</span></div>
            <div role="cell" class="cell changed">
                <Ago at=Signal::derive(move || changed.get().unwrap_or(fallback)) now=state.now()/>
                <div class="sub">{named(|view, state| state.actor_name(&view.last_operation.actor))}</div>
            </div>
            <div role="cell" class="cell menu-cell">
                <RollBackButton view=view/>
                <ActionsMenu deployment=view opens=true/>
            </div>
        </div>
    }
    .into_any()
}

/// The row of somebody who only predicts: name, status and URL.
#[component]
fn ConsumerRow(view: Arc<DeploymentView>) -> impl IntoView {
    let (word, tone) = words::status(view.status);
    let name = view.name.to_string();
    let (address, shown) = (href(&format!("/deployments/{name}")), name.clone());
    view! {
        <div class="table-row link" data-test="deployment" data-name=name>
            <div role="cell" class="cell name">
                <a href=address data-row-focus="" class="row-link">{shown}</a>
                <div class="sub">"you may send it requests"</div>
            </div>
            <div role="cell" class="cell status"><StateLabel word=word.to_owned() tone=tone/></div>
            <div role="cell" class="cell wide-url"><code>{view.url.clone()}</code></div>
        </div>
    }
}

/// The condition that it is in, and the cause of it or what is in progress.
#[component]
fn StatusCell(view: Memo<Option<Arc<DeploymentView>>>) -> impl IntoView {
    let word = move |view: &DeploymentView| match &view.condition {
        Some(condition) => words::condition(condition.word, view.operation.as_ref().map(|running| running.operation)),
        None => words::status(view.status),
    };
    let label = Memo::new(move |_| view.with(|view| view.as_deref().map(word).unwrap_or(("gone", Tone::Off))));
    let below = Memo::new(move |_| view.with(|view| view.as_deref().map(below_status).unwrap_or_default()));
    let status = move || view.with(|view| view.as_ref().map(|view| view.status.to_string()).unwrap_or_default());
    view! {
        <span data-test="status" data-status=status>
            <StateLabel word=Signal::derive(move || label.get().0.to_owned()) tone=Signal::derive(move || label.get().1)/>
        </span>
        <div class="sub" title=below>{below}</div>
    }
}

fn below_status(view: &DeploymentView) -> String {
    if let Some(Condition { word, why: Some(why) }) = &view.condition
        && word.needs_attention()
    {
        return why.clone();
    }
    let mut parts = Vec::new();
    if view.operation.is_none() && !words::on_target(view.status, view.target_status) {
        parts.push(format!("should be {}", words::target_status(view.target_status)));
    }
    if view.rollout.is_some() {
        let earlier = view
            .replica_list
            .iter()
            .flatten()
            .map(|replica| replica.revision)
            .filter(|number| *number != view.revision)
            .max();
        parts.push(match earlier {
            Some(earlier) => format!("revision {earlier} → {}", view.revision),
            None => format!("revision {}", view.revision),
        });
    } else {
        parts.push(format!("revision {}", view.revision));
    }
    parts.join(" · ")
}

/// Model, version and configuration, with a mark when a newer version exists (AZ-1).
#[component]
fn ModelCell(view: Memo<Option<Arc<DeploymentView>>>) -> impl IntoView {
    let models =
        Memo::new(move |_| view.with(|view| view.as_ref().map(|view| words::models(&view.models)).unwrap_or_default()));
    let configuration = Memo::new(move |_| {
        view.with(|view| view.as_ref().map(|view| view.configuration_name.clone()).unwrap_or_default())
    });
    let newer = Memo::new(move |_| {
        view.with(|view| view.as_ref().map(|view| view.newer_model_versions.clone()).unwrap_or_default())
    });
    view! {
        <div class="line-one">
        <span class="model-name" title=models>{models}</span>
        {move || newer.get().iter().max_by_key(|model| model.version).map(|model| view! {
            <Tag tone=Tone::Moving word=format!("v{} available", model.version) title=format!("{model} was registered")/>
        })}
        </div>
        <div class="sub" title=configuration>{configuration}</div>
    }
}

/// The way back, one click away, for a dead deployment.
#[component]
fn RollBackButton(view: Memo<Option<Arc<DeploymentView>>>) -> impl IntoView {
    let dialogs = Dialogs::here();
    let id = Memo::new(move |_| {
        view.with(|view| {
            let view = view.as_ref()?;
            (view.status == Status::Dead && why_not(view, Action::RollBack).is_none()).then(|| view.id.clone())
        })
    });
    move || {
        id.get().map(|id| {
            view! {
                <button type="button" class="button small" data-test="roll-back" on:click=move |_| dialogs.open(Open::RollBack(id.clone(), None))>
                    "Roll back"
                </button>
            }
        })
    }
}
