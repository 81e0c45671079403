//! Taking a step: record what is about to be touched, touch it, record what came of it.

use domain::event::Event;
use domain::id::{DeploymentId, RevisionNumber, RolloutNumber};
use domain::ledger::Ledger;
use domain::place::Place;
use domain::plan::Step;
use domain::replica::{Delivery, Intent, Observed, ReplicaRecord};
use domain::resources::Claim;
use domain::target::Room;
use jiff::{SignedDuration, Timestamp};
use tokio::runtime::Handle;

use super::core::Core;
use super::error::EngineError;
use super::slots::Slot;
use crate::store::{Reading, StoreError};
use crate::targets::{Launch, Order, TargetError, Unseen};

/// After so long a replica is told again to end, when that could not be done.
const STOP_AGAIN: SignedDuration = SignedDuration::from_secs(1);

impl Core {
    /// True when one more replica of `revision` has room on its target. The room may be gone once it is to be taken.
    pub(super) fn has_room(&self, view: &Ledger, revision: RevisionNumber) -> Result<bool, EngineError> {
        let configuration = view.configuration(revision).ok_or(EngineError::NoConfiguration(revision))?;
        let claim = Claim::from(&configuration.resources);
        Ok(self.store.read(|reading| self.find_place(reading, view, claim))?.is_some())
    }

    /// Takes one step. A replica that finds its room taken meanwhile is not started; the next pass waits for room.
    pub(super) fn take(
        &self,
        view: &Ledger,
        step: Step,
        reason: String,
        slot: Slot,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let id = &view.deployment.id;
        let replica = match &step {
            Step::Start { .. } => (self.new_replica)(),
            Step::Restart { replica }
            | Step::Relabel { replica, .. }
            | Step::Reconfigure { replica, .. }
            | Step::Drain { replica }
            | Step::Stop { replica }
            | Step::Forget { replica } => replica.clone(),
        };
        let kind = step.kind().into();
        let taken_in = |rollout: Option<RolloutNumber>| {
            let replica = Some(replica.clone());
            Event::StepTaken { rollout, step: kind, replica, reason, stands: false }
        };
        let current = view.deployment.rollout;
        let mut record = match &step {
            Step::Start { revision } => ReplicaRecord::new(replica.clone(), *revision, now),
            _ => view
                .replicas
                .iter()
                .find(|r| r.id == replica)
                .cloned()
                .ok_or(EngineError::NoSuchReplica(replica.clone()))?,
        };
        match step {
            Step::Start { .. } => {
                let launch = self.launch_of(view, &record)?;
                let claim = Claim::from(&launch.configuration.resources);
                let Some(record) = self.reserve(view, record, claim, taken_in(current), now)? else { return Ok(()) };
                self.launch(view, Launch { gpus: record.gpus.clone(), ..launch }, record, now)
            }
            Step::Restart { .. } => {
                record.observed = Observed::Unknown;
                record.started_at = now;
                record.restarts += 1;
                (record.delivery, record.lasting) = (None, false);
                let launch = self.launch_of(view, &record)?;
                // It has kept its place.
                self.decide(view, now, [taken_in(current), Event::ReplicaChanged { replica: record.clone() }])?;
                self.launch(view, launch, record, now)
            }
            Step::Relabel { revision, .. } => {
                (record.revision, record.start_failures, record.delivery) = (revision, 0, None);
                self.decide(view, now, [taken_in(current), Event::ReplicaChanged { replica: record }])
            }
            Step::Reconfigure { revision, .. } => {
                self.reconfigure(view, record, revision, taken_in(current), slot, now)
            }
            // The next pass routes around it before it looks at what is in flight.
            Step::Drain { .. } => {
                record.intent = Intent::Drain { since: now };
                self.decide(view, now, [taken_in(current), Event::ReplicaChanged { replica: record }])
            }
            Step::Stop { .. } => {
                record.intent = Intent::Stop { since: now };
                self.decide(view, now, [taken_in(current), Event::ReplicaChanged { replica: record.clone() }])?;
                self.stop(view, record, now).map(drop)
            }
            Step::Forget { .. } => {
                self.order(view, Order::Forget(replica.clone()))?;
                // The target knows nothing of it any more, whatever is wanted by now.
                self.record_by(id, now, |reading| {
                    let rollout = reading.deployment(id)?.and_then(|row| row.rollout);
                    Ok(vec![taken_in(rollout), Event::ReplicaForgotten { id: replica.clone() }])
                })
            }
        }
    }

    /// A place for one more replica with this claim, beside what all replicas of its target hold (RAY-5).
    fn find_place(&self, reading: &Reading<'_>, view: &Ledger, claim: Claim) -> Result<Option<Place>, StoreError> {
        let target = &view.deployment.target;
        let capacity = match self.targets.of(target).room() {
            Room::Counted(machine) => machine.capacity,
            Room::ItsOwn => return Ok(Some(Place { claim, gpus: Vec::new() })),
        };
        let held: Vec<_> = reading.claims(target)?.into_iter().map(|held| held.place).collect();
        Ok(Place::find(&capacity, &held, claim))
    }

    /// Records a new replica as *unknown*, with a place that is chosen in the same transaction: passes of other
    /// deployments choose at the same time. Records nothing where there is no place.
    fn reserve(
        &self,
        view: &Ledger,
        record: ReplicaRecord,
        claim: Claim,
        taken: Event,
        now: Timestamp,
    ) -> Result<Option<ReplicaRecord>, EngineError> {
        let mut reserved = None;
        self.decide_by(view, now, |reading| {
            let Some(Place { claim, gpus }) = self.find_place(reading, view, claim)? else { return Ok(Vec::new()) };
            let replica = ReplicaRecord { claim, gpus, ..record };
            reserved = Some(replica.clone());
            Ok(vec![taken, Event::ReplicaChanged { replica }])
        })?;
        Ok(reserved)
    }

    /// Starts the process of a replica that is recorded as *unknown*, records what came of it. Killed in between, the
    /// next server finds the process by its replica's id.
    fn launch(&self, view: &Ledger, launch: Launch, record: ReplicaRecord, now: Timestamp) -> Result<(), EngineError> {
        let record = ReplicaRecord { unrecorded: 0, ..record };
        let seen = self.order(view, Order::Start(Box::new(launch)));
        let seen = seen.map(|()| self.targets.of(&view.deployment.target).observe(&record.id));
        let started = match seen {
            Ok(Ok(seen)) => record.seen(seen, now),
            // It stays unknown until somebody has looked.
            Ok(Err(Unseen { .. })) => record,
            Err(error @ TargetError::NoAnswer(_)) => ReplicaRecord { problem: Some(error.to_string()), ..record },
            Err(error) => ReplicaRecord {
                observed: Observed::Exited { at: now },
                problem: Some(error.to_string()),
                // What the machine lacks is not the revision's fault, so it is no failed start of it.
                failures: record.failures + 1,
                ..record
            },
        };
        self.come_to(&view.deployment.id, started, now)
    }

    /// Records what came of a step. What was seen of the replica while it was taken was compared with the record from
    /// before, so that is struck out; the next look sees it again.
    fn come_to(&self, id: &DeploymentId, replica: ReplicaRecord, now: Timestamp) -> Result<(), EngineError> {
        let touched = replica.id.clone();
        let recorded = self.record(id, now, [Event::ReplicaChanged { replica }]);
        let _turn = self.turns.of(id);
        self.unrecorded.replaced(&touched);
        recorded
    }

    /// Records that nobody knows which `user_config` the replica has, gives it the new one, records what came of it.
    /// Until that is recorded the planner takes it for one that must be asked again, whatever the goal is by then.
    fn reconfigure(
        &self,
        view: &Ledger,
        record: ReplicaRecord,
        revision: RevisionNumber,
        taken: Event,
        slot: Slot,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let id = &view.deployment.id;
        let before = record.delivery.filter(|delivery| delivery.revision == revision);
        let failed = before.map_or(0, |delivery| delivery.failed);
        let configuration = view.configuration(revision).ok_or(EngineError::NoConfiguration(revision))?;
        if configuration.reconfigures_off_the_route() && before.is_none() {
            // The next pass routes around it before it looks at what is in flight.
            let delivery = Some(Delivery { revision, at: now, failed, finishes: true, refused: false });
            let replica = ReplicaRecord { delivery, ..record };
            return self.decide(view, now, [taken, Event::ReplicaChanged { replica }]);
        }
        let delivery = Delivery { revision, at: now, failed, finishes: false, refused: false };
        let begun = ReplicaRecord { delivery: Some(delivery), ..record };
        let launch = self.launch_of(view, &ReplicaRecord { revision, ..begun.clone() })?;
        self.decide(view, now, [taken, Event::ReplicaChanged { replica: begun.clone() }])?;
        // The replica may take minutes, and other deployments do not wait for it.
        let _thread = slot.wait();
        let replica = match self.deliver(view, launch) {
            Ok(()) => ReplicaRecord { revision, delivery: None, problem: None, ..begun },
            Err(error) => ReplicaRecord {
                delivery: Some(Delivery { failed: failed + 1, refused: error.is_lasting(), ..delivery }),
                problem: Some(error.to_string()),
                ..begun
            },
        };
        self.come_to(id, replica, now)
    }

    /// Has the deployment's target carry out an order, and waits for that.
    pub(super) fn order(&self, view: &Ledger, order: Order) -> Result<(), TargetError> {
        let target = self.targets.of(&view.deployment.target);
        Handle::current().block_on(target.act(order))
    }

    /// The same of a new `user_config`, which nobody waits for any more once something else is wanted.
    fn deliver(&self, view: &Ledger, launch: Launch) -> Result<(), TargetError> {
        let target = self.targets.of(&view.deployment.target);
        let mut broken_off = self.broken_off.subscribe();
        let given_up = async {
            // Whoever missed one cannot know whether it was meant.
            while broken_off.recv().await.is_ok_and(|deployment| deployment != view.deployment.id) {}
        };
        Handle::current().block_on(async {
            tokio::select! {
                told = target.act(Order::Reconfigure(Box::new(launch))) => told,
                () = given_up => Err(TargetError::NotTaken("something else was asked for meanwhile".to_owned())),
            }
        })
    }

    /// Tells a replica to end; false when that failed, which is recorded and told.
    fn stop(&self, view: &Ledger, record: ReplicaRecord, now: Timestamp) -> Result<bool, EngineError> {
        let Err(error) = self.order(view, Order::Stop(record.id.clone())) else { return Ok(true) };
        tracing::warn!(replica = %record.id, %error, "a replica could not be told to end; it is told again");
        let problem = Some(format!("it could not be told to end: {error}"));
        if record.problem != problem {
            self.record(
                &view.deployment.id,
                now,
                [Event::ReplicaChanged { replica: ReplicaRecord { problem, ..record } }],
            )?;
        }
        Ok(false)
    }

    /// Tells replicas to end that were told to before and may still be there: a server may have been killed in between,
    /// or the order failed. A pass does that last: the orders may take long, and nothing is decided on rows that old. When to tell them again, if it failed now.
    pub(super) fn stop_again(&self, view: &Ledger, now: Timestamp) -> Result<Option<Timestamp>, EngineError> {
        let mut again = None;
        let told = |record: &&ReplicaRecord| matches!(record.intent, Intent::Stop { .. });
        for record in view.replicas.iter().filter(told).filter(|record| record.observed.may_exist()) {
            if !self.stop(view, record.clone(), now)? {
                again = Some(now + STOP_AGAIN);
            }
        }
        Ok(again)
    }

    /// The launch that the target needs to start a replica, or to know one that runs.
    pub(super) fn launch_of(&self, view: &Ledger, record: &ReplicaRecord) -> Result<Launch, EngineError> {
        let configuration =
            view.configuration(record.revision).cloned().ok_or(EngineError::NoConfiguration(record.revision))?;
        let model = match view.model(record.revision) {
            None => None,
            Some(model) => {
                let registered = self.store.read(|reading| reading.model(model))?;
                let registered = registered.ok_or_else(|| EngineError::NoModel(model.clone()))?;
                Some(registered.into())
            }
        };
        Ok(Launch {
            replica: record.id.clone(),
            deployment: view.deployment.id.clone(),
            name: view.deployment.name.clone(),
            revision: record.revision,
            configuration,
            model,
            gpus: record.gpus.clone(),
            generation: view.deployment.generation,
        })
    }
}
