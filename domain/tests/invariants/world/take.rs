//! The rules that must hold when a step is taken, and the effect of the step on the world.

use domain::event::Event;
use domain::id::{ReplicaId, RevisionNumber};
use domain::plan::{Replica, Step};
use domain::replica::{Delivery, Intent, Observed, ReplicaRecord};
use jiff::{SignedDuration, Timestamp};

use super::World;

impl World {
    /// Carries out a step, after checking that it may be taken.
    pub(super) fn take(&mut self, step: Step) {
        let (now, scene) = (self.now, self.scene());
        let goal = scene.goal.as_ref();
        let (available, floor) = (self.available(), goal.map_or(0, |goal| scene.limits.lowest_available(goal.desired)));
        let total = scene.replicas.iter().filter(|r| r.observed.may_exist()).count() as u32;
        let limit = SignedDuration::from_millis(scene.drain_limit_ms.into());
        let paused = scene.paused && goal.is_some();
        let find = |id: &ReplicaId| {
            let replica = scene.replicas.iter().find(|r| r.id == *id).expect("the plan names a replica that exists");
            let record = self.ledger().replicas.iter().find(|r| r.id == *id).expect("it is recorded");
            (replica, record.clone())
        };
        match step {
            Step::Start { revision } => {
                let goal = goal.expect("something is to run");
                assert!(!paused && scene.room > 0 && revision == goal.revision);
                assert!(total < scene.limits.highest_total(goal.desired), "{total} run already");
                self.made += 1;
                let id: ReplicaId = format!("r{}", self.made).parse().expect("a valid id");
                self.enter(Event::ReplicaChanged { replica: started(id, revision, now) });
            }
            Step::Restart { replica } => {
                let (replica, mut record) = find(&replica);
                assert!(!replica.observed.is_ready() && replica.observed != Observed::Unknown);
                assert!(paused || Some(replica.revision) == goal.map(|goal| goal.revision));
                assert!(may_end(replica, limit, now), "its requests are cut: {replica:?}");
                (record.observed, record.delivery) = (Observed::Starting { since: now }, None);
                self.in_flight.remove(&record.id);
                self.enter(Event::ReplicaChanged { replica: record });
            }
            Step::Relabel { replica, revision } => {
                let (replica, mut record) = find(&replica);
                let untouched = |delivery: Delivery| delivery.finishes || delivery.refused;
                assert!(replica.delivery.is_none_or(untouched), "nobody knows what it has");
                (record.revision, record.delivery) = (revision, None);
                self.enter(Event::ReplicaChanged { replica: record });
            }
            Step::Reconfigure { replica, revision } => {
                let (replica, mut record) = find(&replica);
                assert!(!paused && replica.intent == Intent::Run && replica.observed.is_ready());
                if goal.is_some_and(|goal| goal.off_the_route) && replica.delivery.is_none() {
                    let delivery = Delivery { revision, at: now, failed: 0, finishes: true, refused: false };
                    record.delivery = Some(delivery);
                    self.enter(Event::ReplicaChanged { replica: record });
                    let left = self.available();
                    assert!(left == available || left >= floor, "{left} are left, the floor is {floor}");
                    return;
                }
                if let Some(delivery) = replica.delivery.filter(|d| d.finishes && d.revision == revision) {
                    assert!(
                        replica.in_flight.is_none() || now >= delivery.at + limit,
                        "its requests are cut: {replica:?}"
                    );
                }
                (record.revision, record.delivery) = (revision, None);
                self.enter(Event::ReplicaChanged { replica: record });
            }
            Step::Drain { replica } => {
                let (replica, mut record) = find(&replica);
                assert!(replica.observed != Observed::Unknown, "nobody has looked at it");
                let was_ready = replica.observed.is_ready();
                record.intent = Intent::Drain { since: now };
                self.enter(Event::ReplicaChanged { replica: record });
                let left = self.available();
                assert!(!paused);
                assert!(!was_ready || left == available || left >= floor, "{left} are left, the floor is {floor}");
            }
            Step::Stop { replica } => {
                let (replica, mut record) = find(&replica);
                match replica.intent {
                    Intent::Run => {
                        assert!(!replica.observed.is_ready() && replica.observed != Observed::Unknown);
                        assert!(may_end(replica, limit, now), "its requests are cut: {replica:?}");
                    }
                    Intent::Drain { since } => assert!(replica.in_flight.is_none() || now >= since + limit),
                    Intent::Stop { .. } => panic!("it was told already"),
                }
                record.intent = Intent::Stop { since: now };
                self.in_flight.remove(&record.id);
                self.enter(Event::ReplicaChanged { replica: record });
            }
            Step::Forget { replica } => {
                assert!(!find(&replica).0.observed.may_exist());
                self.in_flight.remove(&replica);
                self.enter(Event::ReplicaForgotten { id: replica });
            }
        }
    }
}

/// A replica that starts now.
fn started(id: ReplicaId, revision: RevisionNumber, now: Timestamp) -> ReplicaRecord {
    ReplicaRecord { observed: Observed::Starting { since: now }, ..ReplicaRecord::new(id, revision, now) }
}

/// True when nothing is cut if the process of a replica that does not drain ends now.
fn may_end(replica: &Replica, limit: SignedDuration, now: Timestamp) -> bool {
    match replica.observed {
        Observed::Unready { since } => replica.in_flight.is_none() || now >= since + limit,
        _ => true,
    }
}
