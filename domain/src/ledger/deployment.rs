//! A deployment as the journal has made it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::deployment::{About, Importance, LastOperation, OnFailure, Status, TargetStatus};
use crate::id::{
    Actor, ConfigurationId, DeploymentId, DeploymentName, Generation, RevisionNumber, RolloutNumber, TargetName,
};
use crate::strategy::Strategy;

/// A deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deployment {
    /// Names it for good.
    pub id: DeploymentId,
    /// What it is called.
    pub name: DeploymentName,
    /// Where its replicas run.
    pub target: TargetName,
    /// How much depends on it.
    pub importance: Importance,
    /// What a failed rollout does.
    pub on_failure: OnFailure,
    /// When it is removed by itself.
    pub expires_at: Option<Timestamp>,
    /// How it is.
    pub status: Status,
    /// What it is meant to become.
    pub target_status: TargetStatus,
    /// What was last asked of it.
    pub last_operation: LastOperation,
    /// Counts every change of the intent.
    pub generation: Generation,
    /// The revision that every replica should run; none before the first rollout, and after that one has failed.
    pub intended: Option<RevisionNumber>,
    /// The newest revision that was ever made; the next one is one higher.
    pub newest_revision: RevisionNumber,
    /// The newest rollout that was ever started.
    pub newest_rollout: RolloutNumber,
    /// The revision that last completed its rollout.
    pub good: Option<RevisionNumber>,
    /// That revision's configuration (SAP-6).
    pub last_running_configuration: Option<ConfigurationId>,
    /// The rollout in progress.
    pub rollout: Option<RolloutNumber>,
    /// How its rollouts move unless they say otherwise.
    #[serde(default)]
    pub strategy: Strategy,
    /// What people say of it.
    #[serde(default)]
    pub about: About,
    /// The failed revision whose ready replicas serve on beside the intended one (`on_failure` is `stop`).
    #[serde(default)]
    pub kept: Option<RevisionNumber>,
    /// Its last rollout failed and nothing is to be undone, nor anything else done, until somebody acts.
    #[serde(default)]
    pub held: bool,
    /// How many replicas autoscaling has come to.
    #[serde(default)]
    pub scale: Option<u32>,
    /// How often every replica was asked to be replaced by one like it; revisions since then count as new code.
    #[serde(default)]
    pub relaunches: u32,
    /// Its target cannot be seen; the status is *unknown* meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out_of_sight: Option<OutOfSight>,
    /// What is wrong.
    pub error: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: Actor,
}

impl Deployment {
    /// The revision to show: the one intended, else the newest there was.
    pub fn shown_revision(&self) -> RevisionNumber {
        self.intended.unwrap_or(self.newest_revision)
    }

    /// Sets status and error aside while its target cannot be seen, which is its error from then on.
    pub fn lose_sight(&mut self, why: &str) {
        let before = self.out_of_sight.take();
        let (status, error) = before.map_or((self.status, self.error.take()), |before| (before.status, before.error));
        self.out_of_sight = Some(OutOfSight { status, error, why: why.to_owned() });
        (self.status, self.error) = (Status::Unknown, Some(why.to_owned()));
    }

    /// Brings back what was set aside.
    pub fn come_into_sight(&mut self) {
        if let Some(before) = self.out_of_sight.take() {
            (self.status, self.error) = (before.status, before.error);
        }
    }

    /// Sets a status aside that it was given while its target cannot be seen.
    pub fn stay_out_of_sight(&mut self) {
        if let Some(before) = self.out_of_sight.as_mut().filter(|_| self.status != Status::Unknown) {
            before.status = std::mem::replace(&mut self.status, Status::Unknown);
            if self.error.as_ref() != Some(&before.why) {
                before.error = self.error.replace(before.why.clone());
            }
        }
    }
}

/// What is set aside of a deployment whose target cannot be seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutOfSight {
    /// Its status before, or what it has become since.
    pub status: Status,
    /// Its error.
    pub error: Option<String>,
    /// Why the target cannot be seen.
    pub why: String,
}
