//! A version of a model: a row with a tick for the comparison, or a card where there is little room.

use domain::id::ModelVersion;
use domain::model::{Packing, Tried};
use domain::wire::{ModelVersionView, ModelView};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::pair::Pair;
use crate::api::{self, href};
use crate::components::{Ago, Menu, MenuItem, Tag};
use crate::pages::dialogs::{Dialogs, Open};
use crate::pages::model_address::address;
use crate::state::state;
use crate::words::requests::joined;
use crate::words::{Tone, numbers, times};

/// The column titles.
#[component]
pub(super) fn VersionHead() -> impl IntoView {
    view! {
        <div class="grid-row grid-head version-row" role="row">
            <span role="columnheader">"Version"</span><span role="columnheader">"What it is"</span>
            <span role="columnheader">"In use by"</span><span role="columnheader" class="number">"Size"</span>
            <span role="columnheader">"Registered"</span><span role="columnheader"><span class="visually-hidden">"Actions"</span></span>
        </div>
    }
}

/// Draws itself again when the version changes.
#[component]
pub(super) fn VersionRow(
    model: Memo<Option<ModelView>>,
    version: ModelVersion,
    pair: Memo<Pair>,
    /// The version that the page tells about.
    told: Memo<Option<ModelVersion>>,
    on_pair: Callback<Pair>,
) -> impl IntoView {
    let view = Memo::new(move |_| {
        let find = |model: &ModelView| model.versions.iter().find(|one| one.model.version == version).cloned();
        model.with(|model| model.as_ref().and_then(find))
    });
    let Some(first) = view.get_untracked() else { return ().into_any() };
    let reference = first.model.reference();
    let query = use_query_map();
    let name = reference.name.clone();
    let link = move || {
        let mut to = query.get();
        to.remove("version");
        to.insert("version".to_owned(), version.to_string());
        href(&format!("{}{}", address(&name), to.to_query_string()))
    };
    let (ticked, toggled) = (reference.clone(), reference.clone());
    let is_ticked = Memo::new(move |_| pair.with(|pair| pair.has(&ticked)));
    view! {
        <div class="grid-row version-row" role="row" data-test="model-version" data-version=version.to_string() class:told=move || told.get() == Some(version)>
            <div role="cell" class="version-number">
                <input
                    type="checkbox"
                    data-test="tick"
                    aria-label=format!("Compare v{version}")
                    prop:checked=move || is_ticked.get()
                    on:change=move |_| on_pair.run(pair.get_untracked().toggled(toggled.clone()))
                />
                <a
                    class="row-link"
                    href=link
                    data-test="tell"
                    data-noscroll=""
                    aria-current=move || (told.get() == Some(version)).then_some("true")
                    title=format!("Show everything about v{version}")
                >"v"{version.to_string()}</a>
            </div>
            {move || view.get().map(|version| view! { <Cells version=version/> })}
        </div>
    }
    .into_any()
}

#[component]
fn Cells(version: ModelVersionView) -> impl IntoView {
    let state = state();
    let model = version.model.clone();
    let (at, by) = (model.registered_at, state.actor_name(&model.registered_by));
    let size = if model.packing == Packing::Nothing { String::new() } else { numbers::bytes(model.size) };
    let tags: Vec<_> = model.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let bad = version.known_bad.first().map(|bad| {
        let when = times::day_and_minute(bad.quarantine.at);
        let why = format!("At {}, since {when}: {}", bad.deployment, bad.quarantine.reason);
        view! { <Tag tone=Tone::Bad word="known bad" title=why.clone()/><span class="sub" data-test="known-bad">{why}</span> }
    });
    let problem = match &model.loads {
        Some(Tried::Failed { problem }) => Some(problem.clone()),
        _ => None,
    };
    view! {
        <div role="cell" class="version-about">
            <span class="second-line">{model.description.clone()}</span>
            <span class="version-tags">
                {problem.map(|problem| view! { <Tag tone=Tone::Bad word="cannot be loaded" title=problem/> })}
                {bad}
                {tags.into_iter().map(|tag| view! { <Tag tone=Tone::Plain word=tag.clone() title=tag/> }).collect_view()}
            </span>
        </div>
        <div role="cell" class="version-users"><Users version=version.clone()/></div>
        <div role="cell" class="version-size number">{size}</div>
        <div role="cell" class="version-when"><Ago at=at now=state.now()/><span class="sub cut second-line">{by}</span></div>
        <div role="cell" class="act"><Actions version=version/></div>
    }
}

/// The deployments that use it, and those that are deactivated and would.
#[component]
pub(super) fn Users(version: ModelVersionView) -> impl IntoView {
    let links = version.in_use_by.iter().enumerate().map(|(i, name)| {
        let comma = (i > 0).then_some(", ");
        view! { {comma}<a class="plain-link" href=href(&format!("/deployments/{name}"))>{name.to_string()}</a> }
    });
    let links = links.collect_view();
    let stopped: Vec<_> = version.stopped_deployments.iter().map(ToString::to_string).collect();
    let stopped = (!stopped.is_empty()).then(|| format!("{}, stopped", joined(&stopped, "and")));
    let unused = version.in_use_by.is_empty();
    view! {
        {links}
        {match (unused, stopped) {
            (true, None) => view! { <span class="off">"not used"</span> }.into_any(),
            (true, Some(stopped)) => view! { <span class="off second-line">"not running"</span><span class="sub second-line">{stopped}</span> }.into_any(),
            (false, stopped) => view! { <span class="sub second-line">{stopped}</span> }.into_any(),
        }}
    }
}

#[component]
fn Actions(version: ModelVersionView) -> impl IntoView {
    let dialogs = Dialogs::here();
    let reference = version.model.reference();
    let names = |names: &[domain::id::DeploymentName]| {
        joined(&names.iter().map(ToString::to_string).collect::<Vec<_>>(), "and")
    };
    let blocked = match (version.in_use_by.as_slice(), version.restorable_by.as_slice()) {
        ([], []) => None,
        ([], could) => Some(format!("{} can roll back to it", names(could))),
        (using, _) => Some(format!("in use by {}", names(using))),
    };
    let has_file = version.model.packing != Packing::Nothing;
    let menu = format!("version-{}", version.model.version);
    let (deployed, deleted) = (reference.clone(), reference.clone());
    let file = StoredValue::new(api::models::artifact(&reference));
    view! {
        {has_file.then(|| view! {
            <a class="button quiet square small" href=file.get_value() download="" rel="external" data-test="download" aria-label=format!("Download {reference}") title="Download">
                <crate::components::Glyph icon=crate::components::Icon::Download/>
            </a>
        })}
        <Menu label=format!("Actions for {reference}") id=menu>
            <MenuItem
                label="Deploy…"
                name="deploy-this"
                on_choose={
                    let deployed = deployed.clone();
                    move || dialogs.open(Open::Deploy(Some(deployed.clone())))
                }
            />
            <MenuItem
                label="Delete…"
                name="delete-version"
                danger=true
                blocked=blocked.clone()
                on_choose={
                    let deleted = deleted.clone();
                    move || dialogs.open(Open::DeleteModel(deleted.clone()))
                }
            />
        </Menu>
    }
}
