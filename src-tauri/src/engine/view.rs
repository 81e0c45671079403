//! What one pass goes by: the rows of a deployment, and the planner's scene made from them.

use std::collections::HashMap;

use domain::configuration::Configuration;
use domain::deployment::TargetStatus;
use domain::event::ReplicaRecord;
use domain::id::{DeploymentId, ModelRef, RevisionNumber};
use domain::plan::{Goal, Replica, Scene};
use domain::rollout::Phase;
use domain::strategy::Strategy;

use super::routing::Routing;
use crate::store::tables::deployments::DeploymentRow;
use crate::store::tables::rollouts::RolloutRow;
use crate::store::{Reading, StoreError};

/// A deployment with all that belongs to it.
pub(super) struct View {
    pub(super) deployment: DeploymentRow,
    /// The rollout in progress.
    pub(super) rollout: Option<RolloutRow>,
    pub(super) replicas: Vec<ReplicaRecord>,
    /// The configurations of the intended revision and of those that replicas run.
    pub(super) configurations: HashMap<RevisionNumber, Configuration>,
}

impl View {
    pub(super) fn load(reading: &Reading<'_>, id: &DeploymentId) -> Result<Option<Self>, StoreError> {
        let Some(deployment) = reading.deployment(id)? else { return Ok(None) };
        let rollout = match deployment.rollout {
            Some(number) => reading.rollout(id, number)?,
            None => None,
        };
        let replicas = reading.replicas(id)?;
        let mut configurations = HashMap::new();
        for number in replicas.iter().map(|r| r.revision).chain([deployment.shown_revision()]) {
            if configurations.contains_key(&number) {
                continue;
            }
            let Some(revision) = reading.revision(id, number)? else { continue };
            if let Some(found) = reading.configuration(&revision.configuration)? {
                configurations.insert(number, found.configuration);
            }
        }
        Ok(Some(Self { deployment, rollout, replicas, configurations }))
    }

    /// The configuration whose limits the gateway goes by.
    pub(super) fn shown_configuration(&self) -> Option<&Configuration> {
        self.configurations.get(&self.deployment.shown_revision())
    }

    /// The strategy of the rollout in progress; without one, replicas are only mended and their number kept.
    pub(super) fn strategy(&self) -> Strategy {
        self.rollout.as_ref().map_or_else(Strategy::default, |rollout| rollout.strategy)
    }

    pub(super) fn scene(&self, routing: &dyn Routing) -> Scene {
        let goal = self.goal();
        let strategy = self.strategy();
        let desired = goal.as_ref().map_or(0, |goal| goal.desired);
        Scene {
            limits: strategy.resolve(desired),
            goal,
            min_ready_seconds: strategy.min_ready_seconds,
            drain_limit_ms: self.shown_configuration().map_or(60_000, |c| c.scoring_timeout_ms),
            paused: self.rollout.as_ref().is_some_and(|rollout| rollout.phase == Phase::Paused),
            replicas: self
                .replicas
                .iter()
                .map(|record| Replica {
                    id: record.id.clone(),
                    revision: record.revision,
                    intent: record.intent,
                    observed: record.observed,
                    in_flight: routing.in_flight(&self.deployment.id, &record.id),
                    failures: record.failures,
                })
                .collect(),
        }
    }

    fn goal(&self) -> Option<Goal> {
        if self.deployment.target_status != TargetStatus::Running {
            return None;
        }
        let revision = self.deployment.intended?;
        let configuration = self.configurations.get(&revision)?;
        let code = configuration.code_hash();
        let alike = self
            .configurations
            .iter()
            .filter(|(number, other)| **number != revision && other.code_hash() == code)
            .map(|(number, _)| *number)
            .collect();
        Some(Goal { revision, desired: configuration.replicas.get(), alike })
    }

    /// The model that a revision binds.
    pub(super) fn model(&self, revision: RevisionNumber) -> Option<&ModelRef> {
        self.configurations.get(&revision)?.models.first()
    }
}
