//! The most important news about a deployment: a rollout that failed, a deployment that is dead or deactivated.

use domain::action::Action;
use domain::deployment::{Reason, Status};
use domain::id::{ConfigurationId, RevisionNumber};
use domain::rollout::PhaseWord;
use domain::wire::{DeploymentView, Rollback, RolloutView};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::subject::Subject;
use crate::api::deployments::Operation;
use crate::api::{self, Failure};
use crate::components::Banner;
use crate::pages::actions::{is_deactivated, why_not};
use crate::pages::dialogs::{Dialogs, Open};
use crate::pages::query_answer::Refused;
use crate::state::state;
use crate::words::{Tone, sentence, times};

#[derive(Clone, PartialEq)]
struct Notice {
    tone: Tone,
    title: String,
    text: String,
    after: String,
    remedies: Vec<Remedy>,
}

/// A way out of the trouble.
#[derive(Clone, PartialEq)]
enum Remedy {
    /// At once back to a configuration, with its name (SAP-6).
    GoBack(RevisionNumber, String),
    /// Through a dialog.
    Ask(&'static str, &'static str, Open),
}

/// A banner where there is news, with the ways out.
#[component]
pub(crate) fn Outcome() -> impl IntoView {
    let dialogs = Dialogs::here();
    let subject: Subject = expect_context();
    let state = state();
    let notice = Memo::new(move |_| {
        let view = subject.view.get()?;
        let by = state.actor_name(&view.last_operation.actor);
        notice(&view, subject.newest().as_ref(), &by)
    });
    let remedy = move |remedy: Remedy| {
        match remedy {
        Remedy::GoBack(to, name) => view! { <GoBack to=to name=name/> }.into_any(),
        Remedy::Ask(label, test, open) => view! {
            <button type="button" class="button" data-test=test on:click=move |_| dialogs.open(open.clone())>{label}</button>
        }
        .into_any(),
    }
    };
    move || {
        notice.get().map(|notice| {
            let any = !notice.remedies.is_empty();
            let remedies = notice.remedies.into_iter().map(remedy).collect_view();
            view! {
                <Banner tone=notice.tone title=notice.title name="outcome">
                    <p>{notice.text}</p>
                    <p>{notice.after}</p>
                    {any.then(|| view! { <div class="actions">{remedies}</div> })}
                </Banner>
            }
        })
    }
}

/// Starts a rollout to the last configuration that was running, in one click.
#[component]
fn GoBack(to: RevisionNumber, name: String) -> impl IntoView {
    let state = state();
    let subject: Subject = expect_context();
    let pending = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let go = move |_| {
        let Some(view) = subject.view.get_untracked() else { return };
        let rollback =
            Rollback { to: Some(to), on_top_of: view.rollout, reason: Some(Reason::Errors), ..Rollback::default() };
        pending.set(true);
        failure.set(None);
        spawn_local(async move {
            match api::rollouts::roll_back(&view.name, &rollback).await {
                Ok(_) => state.touch(view.id.clone()),
                Err(refused) => {
                    failure.try_set(Some(state.noting(refused)));
                    pending.try_set(false);
                }
            }
        });
    };
    view! {
        <button type="button" class="button primary" data-test="go-back" disabled=move || pending.get() on:click=go>
            {move || if pending.get() { "Going back…".to_owned() } else { format!("Go back to configuration {name}") }}
        </button>
        <Refused failure=failure/>
    }
}

fn notice(view: &DeploymentView, rollout: Option<&RolloutView>, by: &str) -> Option<Notice> {
    if is_deactivated(view) {
        return Some(deactivated(view, by));
    }
    let roll_back = || Remedy::Ask("Roll back", "outcome-roll-back", Open::RollBack(view.id.clone(), None));
    let rolls_back = why_not(view, Action::RollBack).is_none();
    let dead = view.status == Status::Dead;
    if let Some(rollout) = rollout.filter(|rollout| !dead || rollout.phase == PhaseWord::RevertFailed)
        && let Some((tone, title)) = ended_badly(rollout)
    {
        let text = sentence(rollout.error.as_deref().unwrap_or("no reason was recorded."));
        let mut remedies = Vec::new();
        let after = match (rollout.phase, rollout.from_revision) {
            (PhaseWord::RevertFailed, _) => {
                remedies.extend(rolls_back.then(roll_back));
                format!("Replicas now: {}.", who_runs_what(view))
            }
            (PhaseWord::Failed, _) => {
                let survive = view.replica_list.iter().flatten().any(|replica| replica.revision == rollout.to_revision);
                let open = Open::Operate(view.id.clone(), Operation::Relaunch);
                let may = survive && why_not(view, Action::Relaunch).is_none();
                remedies.extend(may.then_some(Remedy::Ask("Replace the rest…", "outcome-relaunch", open)));
                if survive {
                    format!(
                        "The update stopped: ready replicas of revision {} keep serving, and missing ones are started with revision {}.",
                        rollout.to_revision, view.revision
                    )
                } else {
                    format!("The update stopped, and revision {} keeps serving.", view.revision)
                }
            }
            (PhaseWord::Reverting, Some(earlier)) => {
                format!("Replicas go back to revision {earlier} by themselves; requests keep being answered.")
            }
            (_, Some(earlier)) => format!("Every replica runs revision {earlier} again. The URL has not changed."),
            (_, None) => "There was no revision before it to go back to.".to_owned(),
        };
        return Some(Notice { tone, title, text, after, remedies });
    }
    let error = view.error.as_deref().or_else(|| rollout?.error.as_deref());
    let last = view.last_running_configuration.as_ref();
    let back = last
        .filter(|id| **id != view.configuration && rolls_back)
        .and_then(|id| view.revision_list.iter().flatten().find(|revision| revision.configuration == *id));
    let remedies = match back {
        Some(revision) => vec![Remedy::GoBack(revision.number, revision.configuration_name.clone())],
        None => rolls_back.then(roll_back).into_iter().collect(),
    };
    dead.then(|| Notice {
        tone: Tone::Bad,
        title: "This deployment is dead".to_owned(),
        text: sentence(error.unwrap_or("its intended configuration cannot run.")),
        after: match last {
            // The error names it by its id.
            Some(id) if error.is_some_and(|error| error.contains(id.as_str())) => {
                format!("That configuration is called “{}”.", name_of(view, id))
            }
            Some(id) => format!("The last configuration that was running is {}.", named(view, id)),
            None => "None of its configurations has ever run. Update it to one that can.".to_owned(),
        },
        remedies,
    })
}

fn deactivated(view: &DeploymentView, by: &str) -> Notice {
    let last = &view.last_operation;
    let may = why_not(view, Action::Activate).is_none();
    let open = Open::Operate(view.id.clone(), Operation::Activate);
    Notice {
        tone: Tone::Moving,
        title: if may { "This deployment is deactivated" } else { "This deployment is being deactivated" }.to_owned(),
        text: format!("{} asked for this, {}.", sentence(by), times::exact(last.at)),
        after: format!("{} answers 503, and no resources are reserved for it.", view.url),
        remedies: may.then_some(Remedy::Ask("Activate…", "outcome-activate", open)).into_iter().collect(),
    }
}

fn ended_badly(rollout: &RolloutView) -> Option<(Tone, String)> {
    let number = rollout.number;
    Some(match rollout.phase {
        PhaseWord::Reverting if rollout.error.is_some() => {
            (Tone::Warning, format!("Rollout {number} failed and goes back"))
        }
        PhaseWord::Reverted => (Tone::Bad, format!("Rollout {number} failed and went back")),
        PhaseWord::Failed => (Tone::Warning, format!("Rollout {number} failed and stopped")),
        PhaseWord::RevertFailed => (Tone::Bad, format!("Rollout {number} failed, and going back failed too")),
        _ => return None,
    })
}

/// The name of a configuration where a revision tells it, else its id.
fn name_of(view: &DeploymentView, id: &ConfigurationId) -> String {
    let revision = view.revision_list.iter().flatten().find(|revision| revision.configuration == *id);
    revision.map_or_else(|| id.to_string(), |revision| revision.configuration_name.clone())
}

/// The name of a configuration, where a revision tells it, beside its id.
fn named(view: &DeploymentView, id: &ConfigurationId) -> String {
    let name = view.revision_list.iter().flatten().find(|revision| revision.configuration == *id);
    name.map_or_else(
        || id.to_string(),
        |revision| format!("{} ({id}, revision {})", revision.configuration_name, revision.number),
    )
}

fn who_runs_what(view: &DeploymentView) -> String {
    let replicas: Vec<String> = view
        .replica_list
        .iter()
        .flatten()
        .map(|replica| {
            format!("{} revision {} ({})", replica.id, replica.revision, crate::words::replica(replica.state).0)
        })
        .collect();
    if replicas.is_empty() { "none".to_owned() } else { replicas.join(", ") }
}
