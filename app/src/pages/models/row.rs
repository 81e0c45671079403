//! A model of the registry: a row, or a card where there is little room.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::id::ModelName;
use leptos::prelude::*;

use super::listing::{Listed, Outdated};
use super::update_button::UpdateButton;
use crate::api::href;
use crate::components::{Ago, Menu, MenuItem, Tag};
use crate::pages::dialogs::{Dialogs, Open};
use crate::pages::model_address::address;
use crate::state::state;
use crate::words::signature::brief;
use crate::words::{Tone, count, times};

/// Deployments that are named in a row.
const NAMED: usize = 2;

/// Draws itself again when its model changes.
#[component]
pub(super) fn Row(name: ModelName, all: Memo<BTreeMap<ModelName, Arc<Listed>>>) -> impl IntoView {
    let state = state();
    let dialogs = Dialogs::here();
    let wanted = name.clone();
    let listed = Memo::new(move |_| all.with(|all| all.get(&wanted).cloned()));
    let told = move |read: fn(&Listed) -> String| {
        Memo::new(move |_| listed.with(|listed| listed.as_deref().map(read).unwrap_or_default()))
    };
    let about = told(|listed| {
        let newest = listed.view.versions.first();
        newest.map(|newest| brief(&newest.model.signature)).unwrap_or_default()
    });
    let latest = told(|listed| format!("v{}", listed.view.latest_version));
    let kind = told(|listed| {
        let versions = count(usize::try_from(listed.view.version_count).unwrap_or(usize::MAX), "version", "versions");
        format!("{} · {versions}", listed.view.kind.title())
    });
    let by = move || {
        let newest = |listed: &Arc<Listed>| listed.view.versions.first().map(|one| one.model.registered_by.clone());
        listed.with(|listed| listed.as_ref().and_then(newest)).map(|actor| state.actor_name(&actor))
    };
    let at = move || {
        let newest = |listed: &Arc<Listed>| listed.view.versions.first().map(|one| one.model.registered_at);
        listed.with(|listed| listed.as_ref().and_then(newest))
    };
    let (link, menu) = (href(&address(&name)), format!("model-{name}"));
    let registered = name.clone();
    view! {
        <div class="table-row model-row" data-test="model" data-name=name.to_string()>
            <div role="cell" class="cell model-title">
                <a class="row-link cut" data-row-focus="" href=link><bdi>{name.to_string()}</bdi></a>
                <span class="sub cut second-line" title=about>{about}</span>
            </div>
            <div role="cell" class="cell model-latest"><b>{latest}</b><span class="sub cut second-line">{kind}</span></div>
            <div role="cell" class="cell model-users">{move || listed.get().map(|listed| view! { <Users listed=listed/> })}</div>
            <div role="cell" class="cell model-update">{move || listed.get().map(|listed| view! { <Update listed=listed/> })}</div>
            <div role="cell" class="cell model-when">
                {move || at().map(|at| view! { <Ago at=at now=state.now()/> })}
                <span class="sub cut second-line">{by}</span>
            </div>
            <div role="cell" class="cell menu-cell">
                <Menu label=format!("Actions for {name}") id=menu>
                    {
                        let registered = registered.clone();
                        view! {
                            <MenuItem
                                label="Deploy the newest version…"
                                name="deploy-newest"
                                on_choose=move || {
                                    let newest = |listed: &Arc<Listed>| listed.view.versions.first().map(|one| one.model.reference());
                                    if let Some(newest) = listed.with_untracked(|listed| listed.as_ref().and_then(newest)) {
                                        dialogs.open(Open::Deploy(Some(newest)));
                                    }
                                }
                            />
                            <MenuItem
                                label="Register a version…"
                                name="register-next"
                                on_choose=move || dialogs.open(Open::Register(Some(registered.clone())))
                            />
                        }
                    }
                </Menu>
            </div>
        </div>
    }
}

/// The deployments that use it, as links; where there is none, those that would.
#[component]
fn Users(listed: Arc<Listed>) -> impl IntoView {
    let links = listed.users.iter().take(NAMED).enumerate().map(|(i, (name, version))| {
        let comma = (i > 0).then_some(", ");
        view! { {comma}<a class="plain-link" href=href(&format!("/deployments/{name}"))>{format!("{name} v{version}")}</a> }
    });
    let links = links.collect_view();
    let stopped = match listed.stopped.as_slice() {
        [] => None,
        [one] => Some(format!("{one}, stopped")),
        [first, rest @ ..] => Some(format!("{first} and {} more, stopped", rest.len())),
    };
    match (listed.users.len(), stopped) {
        (0, None) => view! { <span class="off">"not used"</span> }.into_any(),
        (0, Some(stopped)) => {
            view! { <span class="off">"not running"</span><span class="sub cut second-line" title=stopped.clone()>{stopped.clone()}</span> }
                .into_any()
        }
        (used, stopped) => {
            let more = used.checked_sub(NAMED).filter(|more| *more > 0).map(|more| format!("and {more} more"));
            let below = more.into_iter().chain(stopped).collect::<Vec<_>>().join(" · ");
            view! { <span class="cut second-line">{links}</span><span class="sub cut second-line">{below}</span> }.into_any()
        }
    }
}

/// What is being rolled out, what could be, or that the newest version is known to be bad.
#[component]
fn Update(listed: Arc<Listed>) -> impl IntoView {
    let (moving, outdated) = (listed.moving.first(), listed.outdated.as_slice());
    let bad = listed.bad.as_ref().map(|bad| {
        let word = format!("v{} known bad", listed.view.latest_version);
        let (when, why) = (times::day_and_minute(bad.quarantine.at), bad.quarantine.reason.clone());
        let title = format!("At {}, since {when}: {why}", bad.deployment);
        view! { <span class="under" data-test="known-bad"><Tag tone=Tone::Bad word=word title=title/></span><span class="sub cut second-line">{format!("{} · {when}", bad.deployment)}</span> }
    });
    match (moving, outdated) {
        (Some((name, version)), _) => {
            let others = listed.moving.len() - 1;
            let more = if others > 0 { format!(" and {others} more") } else { String::new() };
            view! {
                <span class="small moving second-line">{format!("v{version} rolling out")}</span>
                <span class="sub cut second-line">{format!("{name}{more}")}</span>
            }
            .into_any()
        }
        (None, [Outdated { deployment: (id, name), to }, rest @ ..]) => {
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            view! {
                <UpdateButton deployment=id.clone() to=to.clone()/>
                <span class="sub cut second-line">{format!("{name}{more}")}</span>
            }
            .into_any()
        }
        (None, []) => bad.into_any(),
    }
}
