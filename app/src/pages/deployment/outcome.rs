//! What somebody must know before anything else: a rollout that failed, a deployment that is dead.

use domain::deployment::Status;
use domain::rollout::PhaseWord;
use domain::wire::{DeploymentView, RolloutView};
use leptos::prelude::*;

use super::Subject;
use crate::components::Banner;
use crate::pages::actions::roll_back_blocked;
use crate::pages::dialogs::{Dialogs, Open};
use crate::words::{Tone, sentence};

#[derive(Clone, PartialEq)]
struct News {
    tone: Tone,
    title: String,
    text: String,
    after: String,
    rolls_back: bool,
}

/// A banner where there is something to say, and the way out.
#[component]
pub(crate) fn Outcome() -> impl IntoView {
    let dialogs = Dialogs::here();
    let subject: Subject = expect_context();
    let news = Memo::new(move |_| news(subject.view.get().as_deref()?, subject.newest().as_ref()));
    let back = move |_| {
        if let Some(view) = subject.view.get_untracked() {
            dialogs.open(Open::RollBack(view.id.clone(), None));
        }
    };
    move || {
        news.get().map(|news| {
            view! {
                <Banner tone=news.tone title=news.title name="outcome">
                    <p>{news.text}</p>
                    <p>{news.after}</p>
                    {news.rolls_back.then(|| view! {
                        <div class="actions"><button type="button" class="button" data-test="outcome-roll-back" on:click=back>"Roll back"</button></div>
                    })}
                </Banner>
            }
        })
    }
}

fn news(view: &DeploymentView, rollout: Option<&RolloutView>) -> Option<News> {
    let rolls_back = roll_back_blocked(view).is_none();
    let dead = view.status == Status::Dead;
    if let Some(rollout) = rollout.filter(|rollout| !dead || rollout.phase == PhaseWord::RevertFailed)
        && let Some((tone, title)) = ended_badly(rollout)
    {
        let text = sentence(rollout.error.as_deref().unwrap_or("no reason was recorded."));
        let failed = rollout.phase == PhaseWord::RevertFailed;
        let after = match (failed, rollout.from_revision) {
            (true, _) => format!("Replicas now: {}.", who_runs_what(view)),
            (false, Some(earlier)) if rollout.phase == PhaseWord::Reverting => {
                format!("Replicas go back to revision {earlier} by themselves; requests keep being answered.")
            }
            (false, Some(earlier)) => format!("Every replica runs revision {earlier} again. The URL has not changed."),
            (false, None) => "There was no revision before it to go back to.".to_owned(),
        };
        return Some(News { tone, title, text, after, rolls_back: rolls_back && failed });
    }
    let error = view.error.as_deref().or_else(|| rollout?.error.as_deref());
    dead.then(|| News {
        tone: Tone::Bad,
        title: "This deployment is dead".to_owned(),
        text: sentence(error.unwrap_or("its intended configuration cannot run.")),
        after: match &view.last_running_configuration {
            Some(id) => format!("The last configuration that was running is {}.", named(view, id)),
            None => "No configuration of it was ever running. Update it to one that can.".to_owned(),
        },
        rolls_back,
    })
}

fn ended_badly(rollout: &RolloutView) -> Option<(Tone, String)> {
    let number = rollout.number;
    Some(match rollout.phase {
        PhaseWord::Reverting if rollout.error.is_some() => {
            (Tone::Warning, format!("Rollout {number} failed and goes back"))
        }
        PhaseWord::Reverted => (Tone::Bad, format!("Rollout {number} failed and went back")),
        PhaseWord::RevertFailed => (Tone::Bad, format!("Rollout {number} failed, and going back failed too")),
        _ => return None,
    })
}

/// The name of a configuration, where a revision tells it, beside its id.
fn named(view: &DeploymentView, id: &domain::id::ConfigurationId) -> String {
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
