//! One deployment of the dashboard: a row, or a card where there is little room.

use std::sync::Arc;

use domain::access::Role;
use domain::action::Action;
use domain::id::DeploymentId;
use domain::wire::{ConditionWord, DeploymentView};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::choosing::Choosing;
use crate::api::href;
use crate::components::{Ago, ImportanceMark, Sparkline, Squares, StateLabel};
use crate::pages::actions::{ActionsMenu, try_address, why_not};
use crate::pages::dialogs::{Dialogs, Open};
use crate::pages::replica_squares::{replicas_in_words, squares};
use crate::state::{State, state};
use crate::words::{self, Tone, news, numbers};

/// The share of failed requests above which it is red: one in a thousand.
const FAILING: f64 = 0.001;

/// Draws itself again when its deployment changes, cell by cell.
#[component]
pub(crate) fn Row(id: DeploymentId) -> impl IntoView {
    let state = state();
    let view = Memo::new({
        let id = id.clone();
        move |_| state.deployment(&id)
    });
    let Some(first) = view.get_untracked() else { return ().into_any() };
    state.look_at(&first.id);
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
    let rate = of(|view| numbers::rate(view.traffic.requests_per_second));
    let p95 = of(|view| view.traffic.p95_ms.map(numbers::millis).unwrap_or_default());
    let errors = of(|view| view.traffic.error_share.map(numbers::share).unwrap_or_default());
    let failing = Memo::new(move |_| {
        view.with(|view| view.as_ref().is_some_and(|view| view.traffic.error_share.unwrap_or(0.0) > FAILING))
    });
    let spark =
        Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.traffic.spark.clone()).unwrap_or_default()));
    let cells = Memo::new(move |_| view.with(|view| view.as_deref().map(squares).unwrap_or_default()));
    let changed = Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.last_operation.at)));
    let importance = Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.importance)));
    let is_idle = Memo::new(move |_| spark.with(|minutes| minutes.iter().all(|count| *count == 0)));
    let fallback = first.last_operation.at;
    let choosing = Choosing::here();
    let mine = first.id.clone();
    let is_chosen = Memo::new(move |_| choosing.chosen.with(|chosen| chosen.has(&mine)));
    let (picked, struck) = (first.id.clone(), first.id.clone());
    let (dialogs, navigate) = (Dialogs::here(), StoredValue::new_local(use_navigate()));
    let (id, logs) = (first.id.clone(), href(&format!("/deployments/{name}?tab=logs")));
    let trying = try_address(&name);
    let key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        match event.key().as_str() {
            "u" if view
                .with_untracked(|view| view.as_deref().is_some_and(|view| why_not(view, Action::Update).is_none())) =>
            {
                dialogs.open(Open::Update(id.clone(), None));
            }
            "x" => choosing.choose(&struck, false),
            pressed @ ("l" | "t") => {
                let options = NavigateOptions { resolve: false, ..Default::default() };
                navigate.with_value(|go| go(if pressed == "l" { &logs } else { &trying }, options));
            }
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <div class="table-row link" class:chosen=move || is_chosen.get() data-test="deployment" data-name=name.to_string() on:keydown=key>
            <div role="cell" class="cell choose">
                <label class="choose-box">
                    <input
                        type="checkbox"
                        aria-label=format!("Choose {name}")
                        data-test="choose-row"
                        prop:checked=move || is_chosen.get()
                        on:click=move |event| {
                            let range = event.shift_key();
                            // The last row of a range is chosen, whatever it was before.
                            if range && is_chosen.get_untracked() {
                                event.prevent_default();
                            }
                            choosing.choose(&picked, range);
                        }
                    />
                </label>
            </div>
            <div role="cell" class="cell name">
                <a href=href(&format!("/deployments/{name}")) data-row-focus="" class="row-link cut"><bdi>{name.to_string()}</bdi></a>
                <div class="sub under">
                    {move || importance.get().map(|importance| view! { <ImportanceMark importance=importance/> })}
                    <span class="cut">{named(|view, _| format!("· {} · ", view.target))}<bdi>{named(|view, state| state.actor_name(&view.created_by))}</bdi></span>
                </div>
            </div>
            <div role="cell" class="cell status"><StatusCell view=view/></div>
            <div role="cell" class="cell model"><ModelCell view=view/></div>
            <div role="cell" class="cell replicas">
                <Squares squares=cells label=Signal::derive(move || view.with(|view| view.as_deref().map(replicas_in_words).unwrap_or_default()))/>
                <span class="sub" aria-hidden="true">
                    {of(|view| match view.replicas.desired { 0 => "none".to_owned(), desired => format!("{} of {desired}", view.replicas.ready) })}
                </span>
            </div>
            <div role="cell" class="cell requests number">
                <Show when=move || !is_idle.get()>
                    <span>{rate}<span class="only-narrow">" /s"</span></span>
                    <Sparkline values=spark bad=failing/>
                </Show>
            </div>
            <div role="cell" class="cell p95 number">{p95}</div>
            <div role="cell" class="cell errors number" class:bad=failing>{errors}</div>
            <div role="cell" class="cell changed">
                <Ago at=Signal::derive(move || changed.get().unwrap_or(fallback)) now=state.now()/>
                <div class="sub"><bdi>{named(|view, state| state.actor_name(&view.last_operation.actor))}</bdi></div>
            </div>
            <div role="cell" class="cell menu-cell"><ActionsMenu deployment=view opens=true/></div>
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
            <div role="cell" class="cell choose"></div>
            <div role="cell" class="cell name">
                <a href=address data-row-focus="" class="row-link"><bdi>{shown}</bdi></a>
                <div class="sub">"you may send it requests"</div>
            </div>
            <div role="cell" class="cell status"><StateLabel word=word.to_owned() tone=tone/></div>
            <div role="cell" class="cell wide-url"><code>{view.url.clone()}</code></div>
        </div>
    }
}

/// The condition that a deployment is in, as one word and a shape.
#[component]
pub(super) fn Condition(
    view: Memo<Option<Arc<DeploymentView>>>,
    /// Draws the shape alone; the word is read aloud.
    #[prop(optional)]
    bare: bool,
) -> impl IntoView {
    let label = Memo::new(move |_| view.with(|view| view.as_deref().map_or(("gone", Tone::Off), words::of_deployment)));
    let status = move || view.with(|view| view.as_ref().map(|view| view.status.to_string()).unwrap_or_default());
    view! {
        <span data-test="status" data-status=status class:bare=bare>
            <StateLabel word=Signal::derive(move || words::sentence(label.get().0)) tone=Signal::derive(move || label.get().1)/>
        </span>
    }
}

/// The condition that it is in, and one cause or step under it.
#[component]
fn StatusCell(view: Memo<Option<Arc<DeploymentView>>>) -> impl IntoView {
    let state = state();
    let below = Memo::new(move |_| {
        let by = |view: &DeploymentView| state.actor_name(&view.last_operation.actor);
        view.with(|view| view.as_deref().map(|view| below_state(view, &by(view))).unwrap_or_default())
    });
    view! {
        <Condition view=view/>
        <div class="sub" title=below>{below}</div>
    }
}

/// One cause, or one step; nothing where all is as it should be.
fn below_state(view: &DeploymentView, by: &str) -> String {
    let Some(condition) = &view.condition else { return String::new() };
    match (condition.word, &condition.why) {
        (word, Some(why)) if word.needs_attention() => news::cause(why),
        (ConditionWord::Stopped, _) => format!("deactivated by {by}"),
        _ => match view.newest_rollout.as_ref().filter(|rollout| rollout.phase.is_active()) {
            Some(rollout) => rollout.step.as_deref().map(news::cause).unwrap_or_default(),
            None if view.operation.is_none() && !words::on_target(view.status, view.target_status) => {
                format!("is meant to be {}", words::target_status(view.target_status))
            }
            None => String::new(),
        },
    }
}

/// The models in use, or those that a rollout leads from and to, and whether a newer version is there (AZ-1).
#[component]
fn ModelCell(view: Memo<Option<Arc<DeploymentView>>>) -> impl IntoView {
    let dialogs = Dialogs::here();
    let models = Memo::new(move |_| view.with(|view| view.as_deref().map(versions).unwrap_or_default()));
    let configuration = Memo::new(move |_| {
        view.with(|view| view.as_ref().map(|view| view.configuration_name.clone()).unwrap_or_default())
    });
    let newer = Memo::new(move |_| {
        view.with(|view| {
            let view = view.as_ref()?;
            let newest = view.newer_model_versions.iter().max_by_key(|model| model.version)?;
            Some((view.id.clone(), newest.clone(), why_not(view, Action::Update).is_none()))
        })
    });
    view! {
        <span class="model-name" title=move || models.with(|(from, to)| format!("{}{to}", from.as_deref().map(|from| format!("{from} → ")).unwrap_or_default()))>
            {move || models.get().0.map(|from| view! { {from}<span class="sub">" → "</span> })}
            {move || models.get().1}
        </span>
        {move || match newer.get() {
            Some((id, model, true)) => view! {
                <button
                    type="button"
                    class="link-button sub"
                    data-test="newer"
                    title=format!("{model} was registered. Open the update dialog.")
                    on:click=move |_| dialogs.open(Open::Update(id.clone(), None))
                >
                    {format!("v{} available", model.version)}
                </button>
            }
            .into_any(),
            Some((_, model, false)) => view! { <div class="sub" data-test="newer">{format!("v{} available", model.version)}</div> }.into_any(),
            None => view! { <div class="sub" title=configuration>{configuration}</div> }.into_any(),
        }}
    }
}

/// The model versions before, where a rollout is in progress, and those it leads to or that are in use.
fn versions(view: &DeploymentView) -> (Option<String>, String) {
    match view.newest_rollout.as_ref().filter(|rollout| rollout.phase.is_active()) {
        Some(rollout) => news::ways(rollout),
        None => (None, words::models(&view.models)),
    }
}
