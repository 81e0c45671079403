//! The effect of a failure, and the status and sentence that go with the end of a rollout.

use super::life::Ledger;
use super::rollout::Rollout;
use crate::deployment::{OnFailure, Status, TargetStatus};
use crate::event::Event;
use crate::id::RolloutNumber;
use crate::plan::Scene;
use crate::replica::{ReplicaRecord, ReplicaState};
use crate::rollout::{Cause, Phase, RolloutEvent, RolloutKind};

impl Ledger {
    /// The failure mode of `rollout`. Where there is nothing left to go back to but something serves, nothing is
    /// undone: that would be an outage (CO-6).
    pub fn failure_mode(&self, rollout: &Rollout) -> OnFailure {
        let is_first = rollout.change.from_revision.is_none();
        let nothing_left = || self.good_before(rollout.number).is_none();
        match rollout.change.on_failure {
            OnFailure::Revert if is_first => OnFailure::Revert,
            OnFailure::Revert | OnFailure::Stop if nothing_left() => OnFailure::Dead,
            chosen => chosen,
        }
    }

    /// The reason why `rollout` failed, in a sentence with the last thing that went wrong.
    pub fn why_failed(&self, rollout: &Rollout, scene: &Scene, cause: Cause) -> String {
        let strategy = rollout.change.strategy;
        let goal = scene.goal.as_ref();
        let revision = goal.map_or(rollout.to_revision, |goal| goal.revision);
        let desired = goal.map_or(0, |goal| goal.desired);
        let available = rollout.marks.best;
        let got = match available {
            0 => format!("No replica of revision {revision} became ready in"),
            few if few < desired => format!("Only {few} of {desired} replicas of revision {revision} became ready in"),
            _ => format!("The replicas of revision {revision} did not stay ready in"),
        };
        let mut text = match cause {
            Cause::TotalDeadline => format!("{got} {} s in all", strategy.total_deadline_seconds.unwrap_or(0)),
            Cause::ProgressDeadline | Cause::Cancelled => format!("{got} {} s", strategy.progress_deadline_seconds),
            Cause::CannotRun => format!("Revision {revision} cannot run"),
            Cause::StartFailures => {
                format!("Revision {revision} failed to start {} times in a row", strategy.start_failures)
            }
        };
        let of_revision = |record: &&ReplicaRecord| {
            record.revision == revision || record.delivery.is_some_and(|delivery| delivery.revision == revision)
        };
        let problems = self.replicas.iter().rev().filter(of_revision);
        if let Some(problem) = problems.filter_map(|record| record.problem.as_ref()).next() {
            text.push_str(": ");
            text.push_str(problem);
        }
        if matches!(rollout.phase, Phase::Reverting(_)) {
            let runs = |record: &ReplicaRecord| {
                let state = ReplicaState::of(record.intent, record.observed);
                format!("{} runs revision {} ({state})", record.id, record.revision)
            };
            let runs: Vec<_> = self.replicas.iter().map(runs).collect();
            text = format!("Going back failed as well and is still being tried. {text}. {}", runs.join(", "));
        }
        text
    }

    /// The change of status that goes with the move of `rollout` by `event` to `phase`, if one does. `problem` is the
    /// sentence that the move gives.
    pub fn status_after(
        &self,
        rollout: &Rollout,
        event: RolloutEvent,
        phase: Phase,
        problem: Option<&str>,
    ) -> Option<Event> {
        let status = |status, error| Some(Event::StatusChanged { status, error });
        let has_good = self.deployment.intended.is_some();
        let after_failure = Status::after_failure(self.answers(), rollout.change.on_failure);
        let last = self.deployment.last_running_configuration.as_ref();
        let last = last.map(|id| format!(" Last one that ran: {id}.")).unwrap_or_default();
        let problem = problem.unwrap_or_default();
        match phase {
            Phase::Completed => status(Status::Running, None),
            Phase::Reverted | Phase::Cancelled if has_good => status(Status::Running, None),
            Phase::Reverted => {
                let why = rollout.error.as_deref().unwrap_or_default();
                let what = match rollout.change.kind {
                    RolloutKind::Activate => "The deployment could not be activated",
                    _ => "The first configuration never ran, and there is no earlier one to go back to",
                };
                status(Status::Dead, Some(format!("{what}: {why}.{last}")))
            }
            Phase::Cancelled => status(
                Status::Dead,
                Some("The first rollout was cancelled, and there is no configuration to go back to".to_owned()),
            ),
            Phase::Failed if matches!(event, RolloutEvent::Stop(_)) => {
                let text = format!(
                    "{problem}. The update stopped: its ready replicas serve on, and lost ones are made up with the last good revision."
                );
                status(Status::Running, Some(text))
            }
            Phase::Failed => status(after_failure, Some(format!("{problem}. Nothing was undone.{last}"))),
            Phase::RevertFailed => status(after_failure, Some(format!("{problem}.{last}"))),
            _ => None,
        }
    }

    /// The change that is to be recorded once nothing is left to do: the deployment is gone, has stopped, or runs again
    /// although going back had failed.
    pub fn settled(&self) -> Option<Event> {
        let deployment = &self.deployment;
        let status = |status| Some(Event::StatusChanged { status, error: None });
        match deployment.target_status {
            TargetStatus::Deleted => Some(Event::DeploymentDeleted { name: deployment.name.clone() }),
            TargetStatus::Stopped if deployment.status == Status::Stopped => None,
            TargetStatus::Stopped => status(Status::Stopped),
            TargetStatus::Running => {
                let should_run =
                    deployment.rollout.is_none() && deployment.intended.is_some() && !deployment.left_as_failed;
                let has_trouble = deployment.error.is_some() && deployment.survivors_of.is_none();
                if should_run && (deployment.status != Status::Running || has_trouble) {
                    status(Status::Running)
                } else {
                    None
                }
            }
        }
    }

    /// The rollout that [`revived`](Self::revived) goes by: the last one, of a dead deployment without one in progress.
    pub fn last_failed(&self) -> Option<RolloutNumber> {
        let deployment = &self.deployment;
        let may_live = deployment.rollout.is_none() && deployment.target_status == TargetStatus::Running;
        (deployment.status == Status::Dead && may_live).then_some(deployment.newest_rollout)
    }

    /// The change of status of a dead deployment that answers again although not all is as it should be, if it is one.
    pub fn revived(&self) -> Option<Event> {
        let ended = self.rollouts.get(&self.last_failed()?);
        if !self.answers() {
            return None;
        }
        let status = Status::after_failure(true, ended.map(|rollout| rollout.change.on_failure).unwrap_or_default());
        let error = self.deployment.error.clone();
        (status != Status::Dead).then_some(Event::StatusChanged { status, error })
    }

    /// True when any replica gets requests.
    fn answers(&self) -> bool {
        self.replicas.iter().any(ReplicaRecord::is_asked)
    }
}
