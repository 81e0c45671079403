//! Rollouts: start, watch, pause, go back.

use domain::id::{DeploymentName, RequestId, RevisionNumber, RolloutNumber};
use domain::rollout::PhaseWord;
use domain::wire::{Page, Receipt, RehearseView, Rollback, RolloutView, StartRollout};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Failure;

/// As much of a rollout as a sentence about its end says.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct RolloutEnd {
    /// Its number.
    pub(crate) number: RolloutNumber,
    /// Its phase.
    pub(crate) phase: PhaseWord,
    /// The revision that it leads, or was to lead, to.
    pub(crate) to_revision: RevisionNumber,
    /// The reason for which it failed.
    #[serde(default)]
    pub(crate) error: Option<String>,
    /// When it began.
    pub(crate) started_at: Timestamp,
    /// When it was over.
    #[serde(default)]
    pub(crate) ended_at: Option<Timestamp>,
    /// Its requests.
    pub(crate) receipt: Receipt,
}

/// The end of a rollout; of one that goes on, how it stands.
pub(crate) async fn end(deployment: &DeploymentName, number: RolloutNumber) -> Result<RolloutEnd, Failure> {
    super::get(&format!("/deployments/{deployment}/rollouts/{number}")).await
}

/// A request of a person to a rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    /// Stop for a while.
    Pause,
    /// Go on.
    Resume,
    /// Stop, and go back to the revision before.
    Cancel,
    /// Take its failure out of the way of whoever asks: they have seen it.
    Dismiss,
}

impl Control {
    fn path(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Cancel => "cancel",
            Self::Dismiss => "dismiss",
        }
    }
}

/// The answer to the start of a rollout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Started {
    /// It has begun.
    Rollout,
    /// It was asked for: it waits for approvals, or for its time.
    Asked(RequestId),
    /// Equal content is in use already, so nothing was changed (RAY-1).
    Unchanged,
}

/// The newest rollouts of a deployment.
pub(crate) async fn list(name: &DeploymentName, limit: u32) -> Result<Vec<RolloutView>, Failure> {
    let page: Page<RolloutView> = super::get(&format!("/deployments/{name}/rollouts?limit={limit}")).await?;
    Ok(page.items)
}

/// One rollout with its steps and receipt.
pub(crate) async fn read(name: &DeploymentName, number: RolloutNumber) -> Result<RolloutView, Failure> {
    super::get(&format!("/deployments/{name}/rollouts/{number}")).await
}

/// Starts a rollout.
pub(crate) async fn start(name: &DeploymentName, rollout: &StartRollout) -> Result<Started, Failure> {
    let answer: Value = super::post(&format!("/deployments/{name}/rollouts"), rollout).await?;
    if answer["unchanged"] == Value::Bool(true) {
        return Ok(Started::Unchanged);
    }
    Ok(super::requests::request_of(&answer).map_or(Started::Rollout, Started::Asked))
}

/// Rehearses a rollout on the server, which knows the room on the machine and the quarantined revisions.
pub(crate) async fn rehearse(name: &DeploymentName, rollout: &StartRollout) -> Result<RehearseView, Failure> {
    super::ask(&format!("/deployments/{name}/rehearse"), rollout).await
}

/// Starts a rollout to an earlier configuration.
pub(crate) async fn roll_back(name: &DeploymentName, rollback: &Rollback) -> Result<(), Failure> {
    super::tell(&format!("/deployments/{name}/rollback"), rollback).await
}

/// Pauses, resumes or cancels a rollout in progress, or dismisses the failure of the newest one.
pub(crate) async fn control(name: &DeploymentName, number: RolloutNumber, control: Control) -> Result<(), Failure> {
    super::tell(&format!("/deployments/{name}/rollouts/{number}/{}", control.path()), &json!({})).await
}
