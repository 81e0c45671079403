//! The most important news about a deployment: a rollout that failed, a deployment that is dead or deactivated.

use domain::action::Action;
use domain::deployment::{Reason, Status};
use domain::id::{ConfigurationId, ReplicaId, RevisionNumber, RolloutNumber};
use domain::rollout::PhaseWord;
use domain::step_kind::StepKind;
use domain::wire::{ConditionWord, DeploymentView, Rollback, RolloutView};
use jiff::{SignedDuration, Timestamp};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::subject::Subject;
use crate::api::deployments::Operation;
use crate::api::rollouts::Control;
use crate::api::{self, Failure, href};
use crate::components::{Ago, Banner};
use crate::pages::actions::{is_deactivated, why_not};
use crate::pages::dialogs::{Dialogs, Open};
use crate::pages::model_address::comparison;
use crate::pages::query_answer::Refused;
use crate::state::state;
use crate::words::{self, Tone, news, numbers, sentence, times};

/// As long a success is said, in seconds.
const SAID_SECONDS: i64 = 10;

#[derive(Clone, PartialEq)]
struct Notice {
    tone: Tone,
    title: String,
    text: String,
    after: String,
    remedies: Vec<Remedy>,
    when: Option<Timestamp>,
}

/// A way out of the trouble.
#[derive(Clone, PartialEq)]
enum Remedy {
    /// At once back to a configuration, with its name (SAP-6).
    GoBack(RevisionNumber, String),
    /// Cancel the rollout in progress, which returns to what was in use, with the words of the button.
    Return(RolloutNumber, String),
    /// Take the failure out of the way: it has been seen.
    Dismiss(RolloutNumber),
    /// The log of what failed, at its address.
    Log(String),
    /// Through a dialog.
    Ask(&'static str, &'static str, Open),
    /// On another page: the words of the link, its name in tests, and its address.
    See(String, &'static str, String),
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
        let rollout = subject.newest();
        notice(&view, rollout.as_ref(), &by).or_else(|| {
            let rollout = rollout.as_ref()?;
            returning(&view, rollout).or_else(|| done(&view, rollout, state.now().get()))
        })
    });
    let remedy = move |remedy: Remedy| {
        match remedy {
        Remedy::GoBack(to, name) => view! { <GoBack to=to name=name/> }.into_any(),
        Remedy::Return(number, label) => view! { <AtOnce number=number label=label what=Control::Cancel/> }.into_any(),
        Remedy::Dismiss(number) => view! { <AtOnce number=number label="Dismiss".to_owned() what=Control::Dismiss/> }.into_any(),
        Remedy::See(label, test, address) => view! { <a class="button small" href=address data-test=test>{label}</a> }.into_any(),
        Remedy::Log(at) => view! { <a class="button" href=at data-test="outcome-log">"Open log"</a> }.into_any(),
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
                    {(!notice.after.is_empty()).then(|| view! { <p>{notice.after}</p> })}
                    {any.then(|| view! {
                        <div class="actions">
                            {remedies}
                            {notice.when.map(|at| view! { <span class="sub">{times::day_and_minute(at)}", "<Ago at=at now=state.now()/></span> })}
                        </div>
                    })}
                </Banner>
            }
        })
    }
}

/// Cancels or dismisses a rollout in one click: returning is safe, and so is having seen a failure.
#[component]
fn AtOnce(number: RolloutNumber, label: String, what: Control) -> impl IntoView {
    let state = state();
    let subject: Subject = expect_context();
    let pending = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let go = move |_| {
        let Some(view) = subject.view.get_untracked() else { return };
        pending.set(true);
        failure.set(None);
        spawn_local(async move {
            match api::rollouts::control(&view.name, number, what).await {
                Ok(()) => state.touch(view.id.clone()),
                Err(refused) => {
                    failure.try_set(Some(state.noting(refused)));
                    pending.try_set(false);
                }
            }
        });
    };
    let (class, test) =
        if what == Control::Dismiss { ("button", "dismiss") } else { ("button primary danger", "return") };
    view! {
        <button type="button" class=class data-test=test disabled=move || pending.get() on:click=go>{label}</button>
        <Refused failure=failure/>
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
    if let Some(notice) = crashing(view) {
        return Some(notice);
    }
    let roll_back = || Remedy::Ask("Roll back", "outcome-roll-back", Open::RollBack(view.id.clone(), None));
    let rolls_back = why_not(view, Action::RollBack).is_none();
    let dead = view.status == Status::Dead;
    if let Some(rollout) = rollout.filter(|rollout| !dead || rollout.phase == PhaseWord::RevertFailed)
        && let Some((tone, title)) = ended_badly(rollout, view)
        && !view.newest_rollout.as_ref().is_some_and(|brief| brief.dismissed)
    {
        let text = sentence(rollout.error.as_deref().unwrap_or("no reason was recorded."));
        let mut remedies: Vec<_> = started_first(rollout).map(|replica| log_of(view, replica)).into_iter().collect();
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
        remedies.extend(seeing(view, rollout));
        if rollout.phase == PhaseWord::Reverted {
            if rolls_back {
                let open = Open::RollBack(view.id.clone(), Some(rollout.to_revision));
                remedies.push(Remedy::Ask("Try again…", "outcome-try-again", open));
            }
            remedies.push(Remedy::Dismiss(rollout.number));
        }
        return Some(Notice { tone, title, text, after, remedies, when: rollout.ended_at });
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
        text: {
            let text = sentence(error.unwrap_or("its intended configuration cannot run."));
            // The server's sentence names a configuration by its id; people know it by its name.
            last.map_or_else(|| text.clone(), |id| text.replace(id.as_str(), &name_of(view, id)))
        },
        after: match last {
            Some(id) if error.is_some_and(|error| error.contains(id.as_str())) => String::new(),
            Some(id) => format!("The last configuration that was running is {}.", named(view, id)),
            None => "None of its configurations has ever run. Update it to one that can.".to_owned(),
        },
        remedies,
        when: None,
    })
}

/// What can be looked at about a rollout that failed.
fn seeing(view: &DeploymentView, rollout: &RolloutView) -> Vec<Remedy> {
    let at = |rest: String| href(&format!("/deployments/{}{rest}", view.name));
    let mut ways = vec![
        Remedy::See("Details".to_owned(), "outcome-details", at(format!("?tab=rollouts&rollout={}", rollout.number))),
        Remedy::See("Open log".to_owned(), "outcome-log", at("?tab=logs".to_owned())),
    ];
    let brief = view.newest_rollout.as_ref().filter(|brief| brief.number == rollout.number);
    let compared = brief.and_then(|brief| comparison(brief.from_models.first()?, brief.to_models.first()?));
    ways.extend(compared.map(|(words, page)| Remedy::See(words, "outcome-compare", href(&page))));
    ways
}

/// A rollout that a person is taking back.
fn returning(view: &DeploymentView, rollout: &RolloutView) -> Option<Notice> {
    let cancelled = rollout.steps.iter().rev().find(|step| step.kind.is(StepKind::Cancel));
    let cancelled = cancelled.filter(|_| rollout.phase == PhaseWord::Reverting)?;
    let brief = view.newest_rollout.as_ref().filter(|brief| brief.number == rollout.number)?;
    let back = if news::is_first(brief) { "nothing".to_owned() } else { news::before(brief) };
    let failed = match rollout.receipt.total.failed {
        0 => "no request has failed".to_owned(),
        failed => format!("{} failed", words::count(failed as usize, "request has", "requests have")),
    };
    Some(Notice {
        tone: Tone::Warning,
        title: format!("Returning to {back}, started {}", cancelled.reason),
        text: format!("{}; {failed}.", sentence(&news::answering(view))),
        after: String::new(),
        remedies: Vec::new(),
        when: None,
    })
}

/// A rollout that has just succeeded: said for ten seconds.
fn done(view: &DeploymentView, rollout: &RolloutView, now: Timestamp) -> Option<Notice> {
    let ended = rollout.ended_at.filter(|_| rollout.phase == PhaseWord::Completed)?;
    if now.duration_since(ended) >= SignedDuration::from_secs(SAID_SECONDS) {
        return None;
    }
    Some(Notice {
        tone: Tone::Good,
        title: format!("{} is in use", beginning(&news::in_use(view))),
        text: format!(
            "Done after {}: {} answered, {} failed.",
            times::took(rollout.started_at, ended),
            numbers::whole(rollout.receipt.total.answered),
            numbers::whole(rollout.receipt.total.failed)
        ),
        after: String::new(),
        remedies: Vec::new(),
        when: None,
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
        when: None,
    }
}

/// The outcome in a sentence, where it is a bad one.
fn ended_badly(rollout: &RolloutView, view: &DeploymentView) -> Option<(Tone, String)> {
    let brief = view.newest_rollout.as_ref().filter(|brief| brief.number == rollout.number);
    let to = brief.map_or_else(|| format!("revision {}", rollout.to_revision), news::goal);
    let back = brief.filter(|brief| !news::is_first(brief)).map(news::before);
    Some(match (rollout.phase, back) {
        (PhaseWord::Reverting, back) if rollout.error.is_some() => {
            let back = back.map(|back| format!(" Returning to {back}.")).unwrap_or_default();
            (Tone::Warning, format!("Update to {to} failed.{back}"))
        }
        (PhaseWord::Reverted, Some(back)) => (Tone::Bad, format!("Update to {to} failed. Back on {back}.")),
        (PhaseWord::Reverted, None) => (Tone::Bad, format!("{} could not be started.", beginning(&to))),
        (PhaseWord::Failed, _) => (Tone::Warning, format!("Update to {to} failed and stopped.")),
        (PhaseWord::RevertFailed, _) => (Tone::Bad, format!("Update to {to} failed, and returning failed too.")),
        _ => return None,
    })
}

/// A replica of the new revision fails again and again while its rollout goes on: what it is, who still answers, and the
/// way back, without waiting for the deadline.
fn crashing(view: &DeploymentView) -> Option<Notice> {
    let condition = view.condition.as_ref().filter(|condition| condition.word == ConditionWord::Crashing)?;
    let rollout = view.newest_rollout.as_ref();
    let back = rollout.filter(|rollout| rollout.phase.is_active() && !news::is_first(rollout));
    let back = back.filter(|_| why_not(view, Action::Cancel).is_none());
    let failing = view.replica_list.iter().flatten().filter(|replica| replica.problem.is_some());
    let log =
        failing.max_by_key(|replica| (replica.revision, replica.restarts)).map(|replica| log_of(view, &replica.id));
    let back = back.map(|rollout| Remedy::Return(rollout.number, news::stop_and_return(view)));
    Some(Notice {
        tone: Tone::Bad,
        title: format!("{} crashes.", beginning(&news::newest_of(view))),
        text: words::with_full_stop(&sentence(condition.why.as_deref().unwrap_or("no reason is known"))),
        after: format!("{}.", sentence(&news::answering(view))),
        remedies: log.into_iter().chain(back).collect(),
        when: None,
    })
}

/// What a rollout leads to as a sentence begins with it: a model keeps its name as it is.
fn beginning(what: &str) -> String {
    if what.starts_with("revision ") { sentence(what) } else { what.to_owned() }
}

/// The replica that a rollout started first: one of the revision that it leads to.
fn started_first(rollout: &RolloutView) -> Option<&ReplicaId> {
    let started = rollout.steps.iter().find(|step| step.kind.is(StepKind::Start));
    started.and_then(|step| step.replica.as_ref())
}

/// The way to the log of a replica, also of one that has ended.
fn log_of(view: &DeploymentView, replica: &ReplicaId) -> Remedy {
    Remedy::Log(href(&format!("/deployments/{}?tab=logs&replica={replica}", view.name)))
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
        .map(|replica| format!("{} revision {} ({})", replica.id, replica.revision, words::replica(replica.state).0))
        .collect();
    if replicas.is_empty() { "none".to_owned() } else { replicas.join(", ") }
}
