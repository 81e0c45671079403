//! What the server says of a draft: whether the machine has room, what is known to be bad, which limits are enforced.

use std::sync::Arc;

use domain::compat::Report;
use domain::id::{ConfigurationId, DeploymentName};
use domain::strategy::{Amount, StrategyChange};
use domain::wire::{DeploymentView, RehearseView, StartRollout};
use leptos::prelude::*;

use super::draft::Draft;
use crate::api::{self, Failure};
use crate::components::{Banner, Field};
use crate::state::{Query, state};
use crate::words::Tone;

/// The answer to one question.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answered {
    asked: StartRollout,
    /// What would happen.
    pub(crate) rehearsed: RehearseView,
    /// So many replicas serve at least when each is drained before its successor starts; told where that is the way
    /// to make room.
    drained: Option<u32>,
}

/// Asks the server again whenever the draft changes.
#[derive(Clone, Copy)]
pub(crate) struct Said {
    asked: Memo<Option<StartRollout>>,
    query: Query<Option<Answered>>,
}

/// One is taken away before one is started, so that no more run at a time than now.
const DRAIN_FIRST: (Amount, Amount) = (Amount::Count(0), Amount::Count(1));

impl Said {
    /// Asks from now on.
    pub(crate) fn new(
        first: &DeploymentView,
        view: Memo<Option<Arc<DeploymentView>>>,
        asked: Memo<Option<StartRollout>>,
    ) -> Self {
        let state = state();
        let (name, id) = (first.name.clone(), first.id.clone());
        let query = Query::new(move || {
            let (name, asked) = (name.clone(), asked.try_get_untracked().flatten());
            async move {
                match asked {
                    Some(asked) => answer(&name, asked).await.map(Some),
                    None => Ok(None),
                }
            }
        });
        Effect::new(move |_| {
            asked.track();
            // Room comes and goes with what runs, and a check that ended knows more.
            view.track();
            state.touches(&id);
            query.ask();
        });
        Self { asked, query }
    }

    /// What it says of the draft as it is now; `None` until it has answered.
    pub(crate) fn now(self) -> Option<Answered> {
        let answered = self.query.value()?;
        answered.as_ref().as_ref().filter(|answered| Some(&answered.asked) == self.asked.get().as_ref()).cloned()
    }
}

impl Said {
    /// The compatibility report on a configuration, which does not depend on how the rollout would move.
    pub(crate) fn compatibility(self, configuration: ConfigurationId) -> Option<Report> {
        let answered = self.query.value()?;
        let of_it = |answered: &&Answered| answered.asked.configuration.as_ref() == Some(&configuration);
        answered.as_ref().as_ref().filter(of_it)?.rehearsed.compatibility.clone()
    }
}

async fn answer(name: &DeploymentName, asked: StartRollout) -> Result<Answered, Failure> {
    let rehearsed = api::rollouts::rehearse(name, &asked).await?;
    let mut drained = None;
    if rehearsed.no_room.is_some() {
        let (max_surge, max_unavailable) = DRAIN_FIRST;
        let strategy = StrategyChange {
            max_surge: Some(Some(max_surge)),
            max_unavailable: Some(max_unavailable),
            ..asked.strategy
        };
        let other = api::rollouts::rehearse(name, &StartRollout { strategy, ..asked.clone() }).await?;
        drained = other.no_room.is_none().then_some(other.plan.lowest_available);
    }
    Ok(Answered { asked, rehearsed, drained })
}

fn serve(lowest: u32) -> String {
    match lowest {
        0 => "No replica serves meanwhile.".to_owned(),
        1 => "At least 1 replica serves meanwhile.".to_owned(),
        lowest => format!("At least {lowest} replicas serve meanwhile."),
    }
}

/// What stands in the way, and what to know; with the way out where there is one.
#[component]
pub(crate) fn SaidOfIt(draft: Draft) -> impl IntoView {
    let answered = Memo::new(move |_| draft.said.now());
    let of = move |part: fn(&Answered) -> Option<String>| {
        Memo::new(move |_| answered.with(|answered| answered.as_ref().and_then(part)))
    };
    let bad = of(|answered| {
        let bad = answered.rehearsed.quarantined.as_ref()?;
        Some(format!("Revision {} asked for the same: {}", bad.revision, bad.reason))
    });
    let no_room = of(|answered| answered.rehearsed.no_room.clone());
    let not_enforced = of(|answered| {
        let limits = &answered.rehearsed.not_enforced;
        (!limits.is_empty()).then(|| limits.join(" "))
    });
    let drained = Memo::new(move |_| answered.with(|answered| answered.as_ref()?.drained));
    let drain_first = move |_| draft.strategy.set_limits(DRAIN_FIRST.0, DRAIN_FIRST.1);
    let is_bad = Memo::new(move |_| bad.with(Option::is_some));
    view! {
        {move || no_room.get().map(|sentence| view! {
            <Banner tone=Tone::Bad title="No room on the machine" name="no-room">
                <p>{sentence}</p>
                {move || drained.get().map(|lowest| view! {
                    <div class="actions">
                        <button type="button" class="button" data-test="drain-first" on:click=drain_first>"Drain first, then replace"</button>
                        <span class="sub">{serve(lowest)}</span>
                    </div>
                })}
            </Banner>
        })}
        {move || not_enforced.get().map(|sentence| view! {
            <Banner tone=Tone::Warning title="Limits that are not enforced" name="not-enforced"><p>{sentence}</p></Banner>
        })}
        <Show when=move || is_bad.get()>
            <Banner tone=Tone::Warning title="Known to be bad" name="known-bad">
                <p>{move || bad.get()}</p>
                <Field label="Why is it to come back?" name="quarantine_override" value=draft.why_again placeholder="It is kept in the history"/>
            </Banner>
        </Show>
    }
}
