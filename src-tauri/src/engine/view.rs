//! What one pass goes by: the rows of a deployment, and the planner's scene made from them.

use std::collections::HashMap;

use domain::autoscaling::Autoscaling;
use domain::configuration::Configuration;
use domain::deployment::TargetStatus;
use domain::id::{DeploymentId, ModelRef, RevisionNumber};
use domain::plan::{Goal, InFlight, Replica, Scene};
use domain::replica::ReplicaRecord;
use domain::rollout::Phase;
use domain::strategy::Strategy;
use domain::target::Traits;

use super::routing::Routing;
use crate::store::{Reading, StoreError};
use domain::ledger::{Deployment, Rollout};

/// A deployment with all that belongs to it.
pub(super) struct View {
    pub(super) deployment: Deployment,
    /// The rollout in progress.
    pub(super) rollout: Option<Rollout>,
    pub(super) replicas: Vec<ReplicaRecord>,
    /// The intended revision and those that replicas run.
    pub(super) revisions: HashMap<RevisionNumber, Known>,
}

/// A revision, as far as its replicas go.
pub(super) struct Known {
    pub(super) configuration: Configuration,
    /// How often the deployment had been relaunched by then.
    relaunches: u32,
}

impl View {
    pub(super) fn load(reading: &Reading<'_>, id: &DeploymentId) -> Result<Option<Self>, StoreError> {
        let Some(deployment) = reading.deployment(id)? else { return Ok(None) };
        let rollout = match deployment.rollout {
            Some(number) => reading.rollout(id, number)?,
            None => None,
        };
        let replicas = reading.replicas(id)?;
        let mut revisions = HashMap::new();
        for number in replicas.iter().map(|r| r.revision).chain([deployment.shown_revision()]) {
            if revisions.contains_key(&number) {
                continue;
            }
            let Some(revision) = reading.revision(id, number)? else { continue };
            if let Some(found) = reading.configuration(&revision.configuration)? {
                let known = Known { configuration: found.configuration, relaunches: revision.relaunches };
                revisions.insert(number, known);
            }
        }
        Ok(Some(Self { deployment, rollout, replicas, revisions }))
    }

    /// The configuration whose limits the gateway goes by.
    pub(super) fn shown_configuration(&self) -> Option<&Configuration> {
        self.configuration(self.deployment.shown_revision())
    }

    /// A revision's configuration.
    pub(super) fn configuration(&self, revision: RevisionNumber) -> Option<&Configuration> {
        self.revisions.get(&revision).map(|known| &known.configuration)
    }

    /// The strategy of the rollout in progress; without one, the deployment's, by which replicas are mended.
    pub(super) fn strategy(&self) -> Strategy {
        self.rollout.as_ref().map_or(self.deployment.strategy, |rollout| rollout.strategy)
    }

    /// What autoscaling goes by, while replicas are meant to run and may move.
    pub(super) fn autoscaling(&self) -> Option<(&Configuration, Autoscaling)> {
        let row = &self.deployment;
        if row.target_status != TargetStatus::Running || row.intended.is_none() || row.held {
            return None;
        }
        let configuration = self.shown_configuration()?;
        Some((configuration, configuration.autoscaling?))
    }

    pub(super) fn scene(&self, routing: &dyn Routing, traits: Traits) -> Scene {
        let goal = self.goal(traits);
        let strategy = self.strategy();
        let desired = goal.as_ref().map_or(0, |goal| goal.desired);
        Scene {
            limits: strategy.resolve(desired),
            goal,
            min_ready_seconds: strategy.min_ready_seconds,
            drain_limit_ms: self.drain_limit_ms(),
            paused: self.deployment.held || self.rollout.as_ref().is_some_and(|rollout| rollout.phase == Phase::Paused),
            room: u32::MAX,
            replicas: self
                .replicas
                .iter()
                .map(|record| Replica {
                    id: record.id.clone(),
                    revision: record.revision,
                    intent: record.intent,
                    observed: record.observed,
                    in_flight: match traits.counts_requests {
                        true => InFlight::Counted(routing.in_flight(&self.deployment.id, &record.id)),
                        false => InFlight::Unknown,
                    },
                    failures: record.failures,
                    start_failures: record.start_failures,
                    lasting: record.lasting,
                    delivery: record.delivery,
                })
                .collect(),
        }
    }

    /// The longest that any of the revisions allows that run or are to run: a request that was let in keeps what its
    /// configuration promised, also when the next one promises less.
    fn drain_limit_ms(&self) -> u32 {
        self.revisions.values().map(|known| known.configuration.drain_limit_ms()).max().unwrap_or_default()
    }

    fn goal(&self, traits: Traits) -> Option<Goal> {
        if self.deployment.target_status != TargetStatus::Running {
            return None;
        }
        let revision = self.deployment.intended?;
        let wanted = self.revisions.get(&revision)?;
        let code = wanted.configuration.code_hash();
        let mut goal = Goal {
            kept: self.deployment.kept,
            off_the_route: wanted.configuration.reconfigures_off_the_route(),
            attempts: wanted.configuration.reconfigure.attempts,
            ..Goal::of(revision, wanted.configuration.desired(self.deployment.scale))
        };
        for (number, other) in self.revisions.iter().filter(|(number, _)| **number != revision) {
            if other.relaunches != wanted.relaunches || other.configuration.code_hash() != code {
                continue;
            }
            if other.configuration.user_config == wanted.configuration.user_config {
                goal.alike.push(*number);
            } else if traits.reconfigures_in_place {
                goal.reconfigurable.push(*number);
            }
        }
        Some(goal)
    }

    /// The model that a revision binds.
    pub(super) fn model(&self, revision: RevisionNumber) -> Option<&ModelRef> {
        self.configuration(revision)?.models.first()
    }
}
