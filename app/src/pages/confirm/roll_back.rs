//! Going back to an earlier revision.

use std::sync::Arc;

use domain::action::Action;
use domain::deployment::Reason;
use domain::id::{DeploymentId, RevisionNumber};
use domain::rollback::{self, Earlier, RollbackGoal};
use domain::wire::{DeploymentView, RevisionView, Rollback};
use leptos::prelude::*;

use super::ConfirmFooter;
use crate::api;
use crate::components::{Banner, Choice, Field, Modal};
use crate::pages::actions::why_not;
use crate::pages::dialogs::Dialogs;
use crate::pages::query_answer::Refused;
use crate::pages::submission::{HowItIsDone, Submission, written};
use crate::state::state;
use crate::words::{self, Tone};

/// Asks whether to go back, to a revision or to the last good one.
#[component]
pub(crate) fn RollBackDialog(id: DeploymentId, to: Option<RevisionNumber>) -> impl IntoView {
    let dialogs = Dialogs::here();
    let state = state();
    let name = state.deployment_now(&id).map(|view| view.name.to_string()).unwrap_or_default();
    // The dashboard's list comes without revisions.
    state.touch(id.clone());
    view! {
        <Modal title=format!("Roll back {name}?") name="roll-back" on_close=move || dialogs.closed()>
            <Question id=id to=to/>
        </Modal>
    }
}

/// The revision that the server would roll back to, by the same rule.
fn goal_of(view: &DeploymentView) -> RollbackGoal {
    let listed = view.revision_list.iter().flatten();
    let earlier = listed.map(|revision| Earlier {
        number: revision.number,
        state: revision.state,
        known_bad: revision.quarantined.is_some(),
        content: Some(revision.content.clone()),
        rolled_back_to: revision.rolled_back_to,
    });
    rollback::goal(view.revision, &earlier.collect::<Vec<_>>())
}

/// The rollback that going to this revision would undo.
fn undone(view: &DeploymentView, goal: &RevisionView) -> Option<RevisionNumber> {
    match goal_of(view) {
        RollbackGoal::Undoes { rolled_back_to, again } if again == goal.number => Some(rolled_back_to),
        _ => None,
    }
}

#[component]
fn Question(id: DeploymentId, to: Option<RevisionNumber>) -> impl IntoView {
    let state = state();
    let submission = Submission::here();
    let view = Memo::new(move |_| state.deployment(&id));
    let reason = RwSignal::new(Reason::Errors.to_string());
    let note = RwSignal::new(String::new());
    let why_again = RwSignal::new(String::new());
    let goal = Memo::new(move |_| {
        let view = view.get()?;
        match to {
            Some(number) => view.revision_list.iter().flatten().find(|revision| revision.number == number).cloned(),
            None => match goal_of(&view) {
                RollbackGoal::To(number) | RollbackGoal::Undoes { again: number, .. } => {
                    view.revision_list.iter().flatten().find(|revision| revision.number == number).cloned()
                }
                RollbackGoal::Nothing => None,
            },
        }
    });
    let is_bad = Memo::new(move |_| goal.with(|goal| goal.as_ref().is_some_and(|goal| goal.quarantined.is_some())));
    let undoes = Memo::new(move |_| undone(view.get()?.as_ref(), &goal.get()?));
    let blocked = Signal::derive(move || {
        let view = view.get()?;
        if let Some(why) = why_not(&view, Action::RollBack) {
            return Some(why);
        }
        if is_bad.get() && why_again.with(|why| why.trim().is_empty()) {
            return Some("Write why to try it again.".to_owned());
        }
        if let Some(why) = submission.blocked() {
            return Some(why);
        }
        (to.is_none() && view.revision_list.is_some() && goal.with(Option::is_none))
            .then(|| "There is no earlier good revision.".to_owned())
    });
    let label = move || {
        goal.with(|goal| {
            goal.as_ref().map_or("Roll back".to_owned(), |goal| format!("Roll back to revision {}", goal.number))
        })
    };
    let confirm = move || {
        let Some(view) = view.get_untracked() else { return };
        let rollback = Rollback {
            // What was shown is what is meant.
            to: goal.get_untracked().map(|goal| goal.number),
            on_top_of: view.rollout,
            reason: reason.with_untracked(|word| word.parse().ok()),
            note: written(note),
            quarantine_override: written(why_again).filter(|_| is_bad.get_untracked()),
            apply: submission.apply(),
            break_glass: submission.break_glass(),
            ..Rollback::default()
        };
        submission.send_for(view.id.clone(), async move { api::rollouts::roll_back(&view.name, &rollback).await });
    };
    let reasons: Vec<_> = Reason::ALL.into_iter().map(|one| (one.to_string(), words::reason(one).to_owned())).collect();
    view! {
        <div class="content">
            <p>{move || view.get().map(|view| effect(&view, goal.get().as_ref()))}</p>
            {move || goal.get().and_then(|goal| goal.quarantined).map(|bad| view! {
                <Banner tone=Tone::Warning title="This revision is known to be bad"><p>{bad.reason}</p></Banner>
            })}
            {move || undoes.get().map(|earlier| view! {
                <Banner tone=Tone::Warning title="This undoes the last rollback" name="undoes-rollback">
                    <p>{format!("The revision in use was {}. This brings back what was rolled back then.", words::rolled_back(earlier))}</p>
                </Banner>
            })}
            <Show when=move || is_bad.get()>
                <Field label="Why try it again?" name="quarantine_override" value=why_again/>
            </Show>
            <div class="form">
                <Choice label="Reason" name="roll-back-reason" options=reasons value=reason on_choose=move |value| reason.set(value)/>
                <Field label="Note" name="roll-back-note" value=note class="wide" placeholder="What happened?"/>
            </div>
            <Refused failure=submission.failure/>
            <HowItIsDone submission=submission/>
        </div>
        <ConfirmFooter label=Signal::derive(move || submission.label(label)) blocked=blocked pending=submission.pending confirm=confirm/>
    }
}

fn effect(view: &Arc<DeploymentView>, goal: Option<&RevisionView>) -> String {
    let now = match view.rollout {
        Some(number) => format!("Rollout {number} ends as superseded, and a"),
        None => "A".to_owned(),
    };
    match goal {
        Some(goal) => format!(
            "{now} new rollout takes {} to the configuration of revision {}: {} with {}. The URL stays, and requests keep being answered.",
            view.name,
            goal.number,
            goal.configuration_name,
            words::models(&goal.models)
        ),
        None => format!(
            "{now} new rollout takes {} to the last good revision. The URL stays, and requests keep being answered.",
            view.name
        ),
    }
}
