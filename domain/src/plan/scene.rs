//! Everything that the planner goes by: the goal, its bounds, and the replicas that there are.

use jiff::{SignedDuration, Timestamp};

use super::in_flight::InFlight;
use crate::id::{ReplicaId, RevisionNumber};
use crate::replica::{Delivery, Intent, Observed};
use crate::strategy::Limits;

/// One replica as the planner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replica {
    /// The id of the replica.
    pub id: ReplicaId,
    /// The revision that it runs.
    pub revision: RevisionNumber,
    /// The intent for it.
    pub intent: Intent,
    /// Its state as last seen.
    pub observed: Observed,
    /// Requests that it is answering.
    pub in_flight: InFlight,
    /// Failures in a row, without having been ready for a while in between.
    pub failures: u32,
    /// Failed starts in a row, since any replica of its revision was ready.
    pub start_failures: u32,
    /// It has ended for a cause that does not change by trying again, as it said itself.
    pub lasting: bool,
    /// A new `user_config` that it was given and has not been seen to take.
    pub delivery: Option<Delivery>,
}

/// The revision and number of replicas that a deployment should come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goal {
    /// The revision.
    pub revision: RevisionNumber,
    /// The desired number of replicas of it, at least 1.
    pub desired: u32,
    /// Other revisions whose replicas are alike, so that they only change their number (RAY-2).
    pub alike: Vec<RevisionNumber>,
    /// Other revisions whose replicas become alike by a new `user_config`, without a restart (RAY-4).
    pub reconfigurable: Vec<RevisionNumber>,
    /// A replica gets no requests while it takes a new `user_config`.
    pub off_the_route: bool,
    /// The failed deliveries after which a replica is replaced.
    pub attempts: u32,
    /// A failed revision whose ready replicas serve on (`on_failure` is `stop`); lost ones are made up with the goal's.
    pub survivors_of: Option<RevisionNumber>,
}

impl Goal {
    /// `desired` replicas of `revision`, and nothing else.
    pub fn of(revision: RevisionNumber, desired: u32) -> Self {
        let (alike, reconfigurable) = (Vec::new(), Vec::new());
        Self { revision, desired, alike, reconfigurable, off_the_route: false, attempts: u32::MAX, survivors_of: None }
    }

    /// True when `replica` needs no successor: it is of the goal's revision, becomes so without a restart, or is kept.
    pub(super) fn is_met_by(&self, replica: &Replica) -> bool {
        if replica.delivery.is_some_and(|delivery| self.is_given_up(delivery)) {
            return false;
        }
        replica.revision == self.revision
            || (self.survivors_of == Some(replica.revision) && replica.observed.is_ready())
            || (self.is_a_config_away(replica) && !replica.observed.has_failed())
    }

    /// True when a replica with this delivery is replaced rather than asked again: it failed too often, or it failed to
    /// take another `user_config` than the goal's, so that going back depends on nothing that has failed. What was
    /// refused for good was certainly not taken.
    fn is_given_up(&self, delivery: Delivery) -> bool {
        let is_other = delivery.revision != self.revision;
        delivery.failed > 0 && !(is_other && delivery.refused) && (is_other || delivery.failed >= self.attempts)
    }

    /// True when all that `replica` lacks, or may lack, is the goal's `user_config`.
    pub(super) fn is_a_config_away(&self, replica: &Replica) -> bool {
        if replica.delivery.is_some_and(|delivery| self.is_given_up(delivery)) {
            return false;
        }
        let may_be_alike = replica.revision == self.revision || self.alike.contains(&replica.revision);
        self.reconfigurable.contains(&replica.revision) || (may_be_alike && replica.delivery.is_some())
    }
}

/// Everything that the planner goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scene {
    /// The goal; none when the deployment is to have no replicas.
    pub goal: Option<Goal>,
    /// The surge and the unavailable replicas that are allowed.
    pub limits: Limits,
    /// The time that a replica must have been ready to count, in seconds (CO-4).
    pub min_ready_seconds: u32,
    /// The time that a draining replica has for its in-flight requests, in milliseconds.
    pub drain_limit_ms: u32,
    /// Nothing is replaced while a person has paused the rollout, or after it failed and nothing is to be undone;
    /// crashed replicas are still restarted.
    pub paused: bool,
    /// The number of further replicas of the goal's revision that fit on the machine (RAY-5).
    pub room: u32,
    /// The replicas that there are.
    pub replicas: Vec<Replica>,
}

impl Scene {
    /// True while no replica may be taken away. A pause is no reason to keep replicas that nobody wants to run at all.
    pub(super) fn is_held(&self) -> bool {
        self.paused && self.goal.is_some()
    }

    /// The longest time that a draining replica may take for its requests.
    pub(super) fn drain_limit(&self) -> SignedDuration {
        SignedDuration::from_millis(self.drain_limit_ms.into())
    }

    /// The end of the time that `replica`, which fails its health route, has for its in-flight requests.
    pub(super) fn finishes(&self, replica: &Replica) -> Option<Timestamp> {
        match replica.observed {
            Observed::Unready { since } if !replica.in_flight.is_none() => Some(since + self.drain_limit()),
            _ => None,
        }
    }

    /// The number of available replicas.
    pub(super) fn available(&self, now: Timestamp) -> u32 {
        let goal = self.goal.as_ref();
        self.replicas.iter().filter(|r| r.is_available(goal, self.min_ready_seconds, now)).count() as u32
    }

    /// Replicas that are to serve and need a successor.
    pub(super) fn others(&self) -> impl Iterator<Item = &Replica> {
        self.replicas.iter().filter(|r| r.intent == Intent::Run && !self.goal.as_ref().is_some_and(|g| g.is_met_by(r)))
    }

    /// Replicas that are to serve and need none.
    pub(super) fn new_ones(&self) -> impl Iterator<Item = &Replica> {
        self.replicas.iter().filter(|r| r.intent == Intent::Run && self.goal.as_ref().is_some_and(|g| g.is_met_by(r)))
    }
}

impl Replica {
    /// One that is to serve, and of which nothing else is known.
    pub fn new(id: ReplicaId, revision: RevisionNumber, observed: Observed) -> Self {
        let (in_flight, failures, start_failures, lasting, delivery) = (InFlight::Counted(0), 0, 0, false, None);
        Self { id, revision, intent: Intent::Run, observed, in_flight, failures, start_failures, lasting, delivery }
    }

    /// Ready, and for long enough when it is new. Replicas of an earlier revision have proven themselves.
    pub(super) fn is_available(&self, goal: Option<&Goal>, min_ready_seconds: u32, now: Timestamp) -> bool {
        if goal.is_some_and(|goal| goal.off_the_route) && self.delivery.is_some_and(Delivery::may_be_taken) {
            return false;
        }
        match (self.intent, self.observed) {
            (Intent::Run, Observed::Ready { since }) => {
                let is_new = goal.is_some_and(|goal| goal.revision == self.revision);
                !is_new || now.duration_since(since) >= SignedDuration::from_secs(min_ready_seconds.into())
            }
            _ => false,
        }
    }

    /// The time since when the replica is in need of a restart, and the reason.
    pub(super) fn failure(&self) -> Option<(Timestamp, &'static str)> {
        match self.observed {
            Observed::Exited { at } => Some((at, "its process ended by itself")),
            Observed::Unready { since } => Some((since, "it no longer answers its health route")),
            _ => None,
        }
    }
}
