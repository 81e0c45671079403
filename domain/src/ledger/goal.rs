//! The planner's scene, and what else is meant to be, from a ledger.

use std::collections::BTreeSet;

use super::life::Ledger;
use crate::configuration::Autoscaling;
use crate::configuration::Configuration;
use crate::deployment::TargetStatus;
use crate::id::{ModelRef, ReplicaId, RevisionNumber};
use crate::plan::{Goal, InFlight, Replica, Scene};
use crate::rollout::Phase;
use crate::strategy::Strategy;
use crate::target::Traits;

impl Ledger {
    /// A revision's configuration.
    pub fn configuration(&self, revision: RevisionNumber) -> Option<&Configuration> {
        self.configurations.get(&self.revisions.get(&revision)?.configuration)
    }

    /// The configuration whose limits the gateway goes by.
    pub fn shown_configuration(&self) -> Option<&Configuration> {
        self.configuration(self.deployment.shown_revision())
    }

    /// The model that a revision binds.
    pub fn model(&self, revision: RevisionNumber) -> Option<&ModelRef> {
        self.configuration(revision)?.models.first()
    }

    /// The revisions that matter now: the one to show and those that replicas run.
    pub fn used_revisions(&self) -> BTreeSet<RevisionNumber> {
        let run = self.replicas.iter().map(|record| record.revision);
        run.chain([self.deployment.shown_revision()]).collect()
    }

    /// The strategy of the rollout in progress; without one, the deployment's, by which replicas are mended.
    pub fn strategy(&self) -> Strategy {
        self.rollout().map_or(self.deployment.terms.strategy, |rollout| rollout.change.strategy)
    }

    /// The configuration and bounds that autoscaling goes by, while replicas are meant to run and may move.
    pub fn autoscaling(&self) -> Option<(&Configuration, Autoscaling)> {
        let deployment = &self.deployment;
        let runs = deployment.target_status == TargetStatus::Running && deployment.intended.is_some();
        if !runs || deployment.left_as_failed {
            return None;
        }
        let configuration = self.shown_configuration()?;
        Some((configuration, configuration.autoscaling?))
    }

    /// The scene that the planner goes by on a target with these traits, with room for every replica. `in_flight` gives
    /// the requests that a replica is answering, where they are counted.
    pub fn scene(&self, traits: Traits, in_flight: impl Fn(&ReplicaId) -> u32) -> Scene {
        let goal = self.goal(traits);
        let strategy = self.strategy();
        let desired = goal.as_ref().map_or(0, |goal| goal.desired);
        let is_paused = self.rollout().is_some_and(|rollout| rollout.phase == Phase::Paused);
        Scene {
            limits: strategy.resolve(desired),
            goal,
            min_ready_seconds: strategy.min_ready_seconds,
            drain_limit_ms: self.drain_limit_ms(),
            paused: self.deployment.left_as_failed || is_paused,
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
                        true => InFlight::Counted(in_flight(&record.id)),
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
        let used = self.used_revisions().into_iter().filter_map(|number| self.configuration(number));
        used.map(Configuration::drain_limit_ms).max().unwrap_or_default()
    }

    /// The goal of the planner: the revision that every replica should run; none while there are to be no replicas.
    fn goal(&self, traits: Traits) -> Option<Goal> {
        if self.deployment.target_status != TargetStatus::Running {
            return None;
        }
        let number = self.deployment.intended?;
        let (revision, wanted) = (self.revisions.get(&number)?, self.configuration(number)?);
        let mut goal = Goal {
            survivors_of: self.deployment.survivors_of,
            off_the_route: wanted.reconfigures_off_the_route(),
            attempts: wanted.reconfigure.attempts,
            ..Goal::of(number, wanted.desired(self.deployment.scale))
        };
        for other in self.used_revisions().into_iter().filter(|other| *other != number) {
            let relaunches = self.revisions.get(&other).map(|revision| revision.relaunches);
            let Some(configuration) = self.configuration(other) else { continue };
            if relaunches != Some(revision.relaunches) || !configuration.has_same_code(wanted) {
                continue;
            }
            if configuration.user_config == wanted.user_config {
                goal.alike.push(other);
            } else if traits.reconfigures_in_place {
                goal.reconfigurable.push(other);
            }
        }
        Some(goal)
    }
}
