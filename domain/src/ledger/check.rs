//! A check of a candidate beside its deployment, as the journal has made it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::compat::{CheckStep, Report, Trial};
use crate::configuration::Configuration;
use crate::event::{Entry, Event};
use crate::id::{Actor, CheckId, DeploymentId};

/// One check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CandidateCheck {
    /// Names it for good.
    pub id: CheckId,
    /// The deployment that it runs beside.
    pub deployment: DeploymentId,
    /// The configuration that would be rolled out.
    pub configuration: Configuration,
    /// The step that it has come to.
    pub step: CheckStep,
    /// The person who asked for it.
    pub actor: Actor,
    /// The time at which it was asked for.
    pub started_at: Timestamp,
    /// The time at which it ended.
    pub ended_at: Option<Timestamp>,
    /// The findings of the scratch replica.
    pub trial: Option<Trial>,
    /// The compatibility report at its end.
    pub report: Option<Report>,
}

impl CandidateCheck {
    /// The check that `event` is about, if it is about one.
    pub fn named(event: &Event) -> Option<&CheckId> {
        match event {
            Event::CheckStarted { id, .. } | Event::CheckMoved { id, .. } | Event::CheckEnded { id, .. } => Some(id),
            _ => None,
        }
    }

    /// The check that `entry`, which is about it, makes of it.
    pub fn after(before: Option<Self>, entry: &Entry) -> Option<Self> {
        match (&entry.event, before) {
            (Event::CheckStarted { id, configuration }, _) => Some(Self {
                id: id.clone(),
                deployment: entry.deployment.clone()?,
                configuration: configuration.as_ref().clone(),
                step: CheckStep::Queued,
                actor: entry.actor.clone(),
                started_at: entry.at,
                ended_at: None,
                trial: None,
                report: None,
            }),
            (Event::CheckMoved { step, .. }, Some(check)) => Some(Self { step: *step, ..check }),
            (Event::CheckEnded { trial, report, .. }, Some(check)) => Some(Self {
                step: CheckStep::Ended,
                ended_at: Some(entry.at),
                trial: Some(trial.clone()),
                report: Some(report.clone()),
                ..check
            }),
            (_, before) => before,
        }
    }
}
