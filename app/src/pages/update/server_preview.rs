//! A rollout as the server would begin it: the room on the machine, a quarantined revision with the same content, limits that
//! are not enforced.

use std::sync::Arc;

use domain::compat::Report;
use domain::diff::Difference;
use domain::id::DeploymentName;
use domain::strategy::{Amount, StrategyChange};
use domain::wire::{DeploymentView, RehearseView, StartRollout};
use leptos::prelude::*;

use super::candidate::Candidate;
use crate::api::{self, Failure};
use crate::state::{Query, state};

/// A rollout, and its rehearsal by the server.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rehearsed {
    asked: StartRollout,
    /// The rehearsal of the server.
    pub(crate) rehearsed: RehearseView,
    /// So many replicas serve at least when each is drained before its successor starts; told where that is the way
    /// to make room.
    pub(crate) drained: Option<u32>,
}

/// Asks the server again whenever the draft changes.
#[derive(Clone, Copy)]
pub(crate) struct ServerPreview {
    asked: Memo<Option<StartRollout>>,
    query: Query<Option<Rehearsed>>,
}

/// One is taken away before one is started, so that no more run at a time than now.
pub(super) const DRAIN_FIRST: (Amount, Amount) = (Amount::Count(0), Amount::Count(1));

impl ServerPreview {
    /// Asks from now on.
    pub(crate) fn new(
        first: &DeploymentView,
        view: Memo<Option<Arc<DeploymentView>>>,
        asked: Memo<Option<StartRollout>>,
    ) -> Self {
        let state = state();
        let (name, id) = (first.name.clone(), first.id.clone());
        let read = move || {
            let (name, asked) = (name.clone(), asked.try_get_untracked().flatten());
            async move {
                match asked {
                    Some(asked) => answer(&name, asked).await.map(Some),
                    None => Ok(None),
                }
            }
        };
        // Room comes and goes with what runs, and a check that ended knows more.
        let changes = move || (asked.track(), view.track(), state.touches(&id));
        Self { asked, query: Query::whenever(changes, read) }
    }

    /// The answer to the draft as it is now; `None` until it has arrived.
    pub(crate) fn now(self) -> Option<Rehearsed> {
        let answered = self.query.value()?;
        answered.as_ref().as_ref().filter(|answered| Some(&answered.asked) == self.asked.get().as_ref()).cloned()
    }
}

/// Facts about a configuration that do not depend on the strategy: the last answer about it tells them.
impl ServerPreview {
    /// The compatibility report on a candidate.
    pub(crate) fn compatibility(self, candidate: &Candidate) -> Option<Report> {
        self.about(candidate, |rehearsed| rehearsed.compatibility.clone())?
    }

    /// The differences of a candidate from the configuration in use.
    pub(crate) fn differences(self, candidate: &Candidate) -> Option<Vec<Difference>> {
        self.about(candidate, |rehearsed| rehearsed.diff.clone())
    }

    fn about<T>(self, candidate: &Candidate, part: fn(&RehearseView) -> T) -> Option<T> {
        let answered = self.query.value()?;
        let of_it =
            |answered: &&Rehearsed| answered.asked.configuration == candidate.id && answered.asked.set == candidate.set;
        Some(part(&answered.as_ref().as_ref().filter(of_it)?.rehearsed))
    }
}

async fn answer(name: &DeploymentName, asked: StartRollout) -> Result<Rehearsed, Failure> {
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
    Ok(Rehearsed { asked, rehearsed, drained })
}
