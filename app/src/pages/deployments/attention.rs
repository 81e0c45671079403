//! *Needs attention*: the deployments with which something is wrong, what it is, who still answers, and what to do.

use domain::action::Action;
use domain::id::DeploymentId;
use domain::wire::{ConditionWord, DeploymentView};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::clock::DeadlineClock;
use super::section::Section;
use crate::api::rollouts::Control;
use crate::api::{self, Failure, href};
use crate::components::{Glyph, Icon};
use crate::pages::actions::why_not;
use crate::pages::dialogs::{Dialogs, Open};
use crate::pages::drawn::lost_connection;
use crate::pages::query_answer::Refused;
use crate::state::state;
use crate::words::news;

/// As many lines are shown before somebody asks for the others.
const FEW: usize = 5;

/// The section.
#[component]
pub(super) fn Attention(ids: Signal<Vec<DeploymentId>>) -> impl IntoView {
    view! { <Section title="Needs attention" name="needs-attention" ids=ids few=FEW line=|id| view! { <Line id=id/> }/> }
}

/// A way out that takes one click.
#[derive(Clone, Copy, PartialEq)]
enum Remedy {
    /// Ask the newest rollout for this, at once: returning is safe, and so is having seen a failure.
    AtOnce(Control),
    /// Choose a revision to go back to.
    RollBack,
}

/// The remedy that fits, with the words of its button.
fn remedy(view: &DeploymentView) -> Option<(Remedy, String)> {
    let rollout = view.newest_rollout.as_ref();
    match view.condition.as_ref()?.word {
        ConditionWord::UpdateFailed => Some((Remedy::AtOnce(Control::Dismiss), "Dismiss".to_owned())),
        ConditionWord::Dead if why_not(view, Action::RollBack).is_none() => {
            Some((Remedy::RollBack, "Roll back…".to_owned()))
        }
        _ => {
            rollout.filter(|rollout| rollout.phase.is_active() && !news::is_first(rollout))?;
            why_not(view, Action::Cancel)
                .is_none()
                .then(|| (Remedy::AtOnce(Control::Cancel), news::stop_and_return(view)))
        }
    }
}

#[component]
fn Line(id: DeploymentId) -> impl IntoView {
    let state = state();
    let dialogs = Dialogs::here();
    let view = Memo::new(move |_| state.deployment(&id));
    let of = move |read: fn(&DeploymentView) -> String| {
        Memo::new(move |_| view.with(|view| view.as_deref().map(read).unwrap_or_default()))
    };
    let word = Memo::new(move |_| view.with(|view| view.as_ref()?.condition.as_ref().map(|condition| condition.word)));
    let is_bad = move || word.get().is_some_and(|word| word <= ConditionWord::Unreachable);
    let (name, trouble) = (of(|view| view.name.to_string()), of(news::trouble));
    let importance = of(|view| view.importance.to_string());
    let offered = Memo::new(move |_| view.with(|view| view.as_deref().and_then(remedy)));
    let pending = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let act = move |remedy: Remedy| {
        let Some(view) = view.get_untracked() else { return };
        let Remedy::AtOnce(what) = remedy else {
            dialogs.open(Open::RollBack(view.id.clone(), None));
            return;
        };
        let Some(number) = view.newest_rollout.as_ref().map(|rollout| rollout.number) else { return };
        pending.set(true);
        failure.set(None);
        spawn_local(async move {
            match api::rollouts::control(&view.name, number, what).await {
                Ok(()) => state.touch(view.id.clone()),
                Err(refused) => drop(failure.try_set(Some(state.noting(refused)))),
            }
            pending.try_set(false);
        });
    };
    view! {
        <div class="row-line" class:bad=is_bad class:warning=move || !is_bad() data-test="attention" data-name=name>
            {move || view! { <Glyph icon=if is_bad() { Icon::Stop } else { Icon::Warning }/> }}
            <span class="what">
                <a class="name" href=move || href(&format!("/deployments/{}", name.get()))><bdi>{name}</bdi></a>
                " · "{importance}": "{trouble}
                <Refused failure=failure/>
            </span>
            <DeadlineClock view=view/>
            <span class="buttons">
                {move || match word.get() {
                    Some(ConditionWord::UpdateFailed) => view! {
                        <a class="button small" href=href(&format!("/deployments/{}", name.get()))>"Details"</a>
                    },
                    _ => view! {
                        <a class="button small" href=href(&format!("/deployments/{}?tab=logs", name.get()))>"Open log"</a>
                    },
                }}
                {move || offered.get().map(|(remedy, label)| view! {
                    <button
                        type="button"
                        class="button small"
                        class:quiet={remedy == Remedy::AtOnce(Control::Dismiss)}
                        data-test="remedy"
                        disabled=move || pending.get() || lost_connection().is_some()
                        title=lost_connection
                        on:click=move |_| act(remedy)
                    >
                        {label}
                    </button>
                })}
            </span>
        </div>
    }
}
