//! Steps that were taken during a rollout, and what people did to it, as the journal tells them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::event::{Entry, Event};
use crate::id::{ReplicaId, RolloutNumber};
use crate::rollout::{Phase, RolloutEvent};
use crate::step_kind::StepKind;
use crate::words::OpenWord;

/// One step of a rollout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolloutStep {
    /// The kind of the step.
    pub kind: OpenWord<StepKind>,
    /// The reason.
    pub reason: String,
    /// The time at which the step was taken.
    pub at: Timestamp,
    /// The replica that it is about.
    pub replica: Option<ReplicaId>,
}

impl RolloutStep {
    /// The step that `entry` tells of, with its rollout, if it tells of one.
    pub fn told(entry: &Entry) -> Option<(RolloutNumber, Self)> {
        match &entry.event {
            Event::StepTaken { rollout, step, replica, reason, .. } => {
                let (kind, reason, replica) = (step.clone(), reason.clone(), replica.clone());
                Some(((*rollout)?, Self { kind, reason, at: entry.at, replica }))
            }
            Event::RolloutMoved { number, event, phase, problem, .. } => {
                let reason = problem.clone().unwrap_or_else(|| match (event, phase) {
                    (RolloutEvent::Begin, _) => "the plan is carried out".to_owned(),
                    (RolloutEvent::Settle, Phase::Completed) => "every replica runs the new revision".to_owned(),
                    (RolloutEvent::Settle, _) => "every replica runs the revision before".to_owned(),
                    _ => format!("by {}", entry.actor),
                });
                Some((*number, Self { kind: event.kind().into(), reason, at: entry.at, replica: None }))
            }
            _ => None,
        }
    }
}
