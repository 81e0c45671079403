//! The look at a deployment's replicas, and routing by it: at once, whether or not it can be recorded. A replica that
//! becomes ready gets its first request when that has been recorded, or could not be.
//!
//! Guarantees: of two that look at one deployment the later one loads the later rows and publishes after the earlier
//! one, so that a replica that is drained by the rows gets no request again.

use std::collections::BTreeSet;

use domain::deployment::TargetStatus;
use domain::event::Event;
use domain::id::{DeploymentId, ReplicaId};
use domain::ledger::{Ledger, Rollout};
use domain::replica::{Delivery, ReplicaRecord};
use jiff::{SignedDuration, Timestamp};

use super::core::Core;
use super::error::EngineError;
use super::next_pass::NextPass;
use super::routing::route;
use crate::gateway::RouteReplica;
use crate::targets::Unseen;

/// Interval of the looks at a target that cannot be seen, unless it tells that it can be seen again.
const UNSEEN_LOOK: SignedDuration = SignedDuration::from_secs(2);

/// The part of a look that is to be recorded now, and the time at which the rest may be.
#[derive(Default)]
pub(super) struct Sighted {
    pub(super) changed: Vec<Event>,
    pub(super) rest: Option<Timestamp>,
    /// Replicas that are ready and get no request before that has been recorded, or tried to.
    pub(super) fresh: Vec<ReplicaId>,
}

impl Core {
    /// Looks and routes; records, judges and plans nothing.
    pub(super) fn see(&self, id: &DeploymentId) -> Result<(), EngineError> {
        let _turn = self.turns.of(id);
        let Some(mut view) = self.store.read(|reading| reading.at_work(id))? else { return Ok(()) };
        // What is routed stays routed while the target cannot be seen.
        let sighted = self.look(&mut view, self.clock.now()).unwrap_or_default();
        self.route(&view, &sighted.fresh)
    }

    /// Compares what is seen of each replica with what is recorded, and notes what differs.
    ///
    /// # Errors
    /// The target cannot be seen; the view shows what was seen last.
    pub(super) fn look(&self, view: &mut Ledger, now: Timestamp) -> Result<Sighted, Unseen> {
        let ids: Vec<_> = view.replicas.iter().map(|record| record.id.clone()).collect();
        let seen = self.targets.of(&view.deployment.target).look(&ids).inspect_err(|_| {
            for record in &mut view.replicas {
                let noted = self.unrecorded.of(&record.id).filter(|noted| noted.intent == record.intent);
                *record = noted.unwrap_or_else(|| record.clone());
            }
        })?;
        let mut sighted = Sighted::default();
        let (mut changed, mut ready) = (BTreeSet::new(), BTreeSet::new());
        for (record, seen) in view.replicas.iter_mut().zip(seen) {
            // What its last entry summed up is told.
            record.unrecorded = 0;
            let was_ready = record.observed.is_ready() || self.unrecorded.is_ready(&record.id);
            let noted = self.unrecorded.of(&record.id).filter(|noted| noted.intent == record.intent);
            let before = noted.as_ref().unwrap_or(record);
            let mut fresh = before.seen(seen, now);
            if fresh == *before && noted.is_none() {
                continue;
            }
            if fresh != *before {
                if fresh.observed.is_ready() && fresh.observed != before.observed {
                    ready.insert(fresh.revision);
                }
                fresh.unrecorded = noted.as_ref().map_or(0, |noted| noted.unrecorded + 1);
                self.unrecorded.note(&fresh, now);
            }
            *record = fresh;
            if record.observed.is_ready() && !was_ready {
                sighted.fresh.push(record.id.clone());
            }
            changed.insert(record.id.clone());
        }
        for record in view.end_failed_starts(&ready) {
            self.unrecorded.note(record, now);
            changed.insert(record.id.clone());
        }
        for record in view.replicas.iter().filter(|record| changed.contains(&record.id)) {
            let due = self.unrecorded.due(&record.id, now);
            if due <= now {
                sighted.changed.push(Event::ReplicaChanged { replica: record.clone() });
            } else {
                sighted.rest = sighted.rest.into_iter().chain([due]).min();
            }
        }
        Ok(sighted)
    }

    /// Records when the target cannot be seen, or can be again. Until it is seen, nothing else is done: when to look
    /// again.
    pub(super) fn note_sight(
        &self,
        view: &Ledger,
        unseen: Option<Unseen>,
        now: Timestamp,
    ) -> Result<Option<NextPass>, EngineError> {
        let row = &view.deployment;
        let rollout = row.rollout;
        match (unseen, &row.out_of_sight) {
            (None, None) => Ok(None),
            (None, Some(_)) => {
                self.record(&row.id, now, [Event::TargetSeen { rollout }])?;
                Ok(Some(NextPass::Now))
            }
            (Some(Unseen { why }), known) => {
                let runs = view.rollout().is_some_and(Rollout::clock_runs);
                if runs || known.as_ref().is_none_or(|known| known.why != why) {
                    self.record(&row.id, now, [Event::TargetUnseen { rollout, why }])?;
                }
                Ok(Some(NextPass::At(now + UNSEEN_LOOK)))
            }
        }
    }

    /// Tells the gateway who may be asked: those that are seen to be ready, and are to serve; not yet those in `fresh`.
    pub(super) fn route(&self, view: &Ledger, fresh: &[ReplicaId]) -> Result<(), EngineError> {
        let Some(configuration) = view.shown_configuration() else { return Ok(()) };
        let off = configuration.reconfigures_off_the_route();
        let takes = |record: &ReplicaRecord| off && record.delivery.is_some_and(Delivery::may_be_taken);
        let asked = |record: &&ReplicaRecord| record.is_asked() && !takes(record) && !fresh.contains(&record.id);
        let routed = view.replicas.iter().filter(asked).filter_map(|record| {
            let (address, handle) = (record.address.clone()?, record.handle.clone());
            Some(RouteReplica { id: record.id.clone(), revision: record.revision, address, handle })
        });
        let row = &view.deployment;
        let active = row.target_status != TargetStatus::Stopped;
        let credential = self.credential(&row.id, configuration.auth)?;
        let route = route(&row.name, active, credential, configuration, routed.collect());
        self.routing.publish(&row.id, route);
        Ok(())
    }
}
