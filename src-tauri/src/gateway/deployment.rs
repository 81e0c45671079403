//! The gateway's side of a deployment: the current snapshot, the queue, the numbers.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use domain::first_answers;
use domain::id::{DeploymentId, ReplicaId, RevisionNumber};
use domain::metrics::{DurationCounts, Gauge};
use domain::receipt::Receipt;
use http::HeaderValue;
use tokio::sync::{Notify, broadcast};

use super::credential::Credential;
use super::gate::{Epoch, Gate};
use super::load;
use super::meters::{Closed, Meters};
use super::metrics::{Durations, Meter};
use super::queue::Queue;
use super::route::{Keeps, RecordKind, Route};
use super::tally::{Counters, Tallied, sum};
use crate::peer::Peer;

/// A replica for as long as anything is in flight at it, whatever it is labelled as.
#[derive(Debug, Default)]
pub(super) struct Replica {
    pub(super) gate: Gate,
    /// When draining began, in milliseconds of the deployment's clock.
    draining_since: AtomicU64,
}

/// A replica under one label: never changes, so that whoever holds it knows whom it asks.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) serial: u64,
    pub(super) id: ReplicaId,
    pub(super) replica: Arc<Replica>,
    pub(super) epoch: Epoch,
    pub(super) revision: RevisionNumber,
    pub(super) peer: Peer,
    pub(super) counters: Arc<Counters>,
    meter: Arc<Meter>,
    pub(super) revision_header: HeaderValue,
    pub(super) replica_header: HeaderValue,
    /// Not in the current route under this label: its idle connections go.
    pub(super) retired: AtomicBool,
    /// Left the route: what is completed from now on was drained.
    pub(super) draining: AtomicBool,
    /// Answers that have failed since it came into the route; [`PROVEN`] once one has not.
    failed_first: AtomicU32,
    /// Could not be connected to: comes last until then, in milliseconds of the deployment's clock.
    cooling_until: AtomicU64,
}

/// The routing snapshot of one deployment. Immutable; a publication puts another in its place.
#[derive(Debug)]
pub(super) struct Snapshot {
    /// `None` once withdrawn.
    pub(super) route: Option<RouteLimits>,
    pub(super) credential: Credential,
    pub(super) endpoints: Box<[Arc<Endpoint>]>,
}

impl Snapshot {
    /// The records that are to be kept of a request, if any.
    pub(super) fn keeps(&self) -> Option<Keeps> {
        let keeps = self.route.map(|limits| limits.keeps);
        keeps.filter(|keeps| *keeps != Keeps::default())
    }
}

/// The limits of a [`Route`].
#[derive(Clone, Copy, Debug)]
pub(super) struct RouteLimits {
    pub(super) active: bool,
    pub(super) scoring_timeout: Duration,
    pub(super) max_queue: Duration,
    pub(super) max_concurrent_requests: u32,
    pub(super) keeps: Keeps,
}

impl RouteLimits {
    pub(super) fn of(route: &Route) -> Self {
        Self {
            active: route.active,
            scoring_timeout: route.scoring_timeout,
            max_queue: route.max_queue,
            max_concurrent_requests: route.max_concurrent_requests.get(),
            keeps: Keeps { requests: route.request_log, predictions: route.data_collection },
        }
    }
}

/// One deployment; lives until it is forgotten.
pub(super) struct Deployment {
    id: DeploymentId,
    pub(super) snapshot: ArcSwap<Snapshot>,
    pub(super) queue: Queue,
    /// Rung after every publication.
    pub(super) published: Notify,
    pub(super) meters: Meters,
    pub(super) load: load::LoadMeter,
    own_failures: AtomicU64,
    own_durations: Durations,
    by_revision: Mutex<BTreeMap<RevisionNumber, Arc<Counters>>>,
    drained: broadcast::Sender<DeploymentId>,
    doubted: broadcast::Sender<ReplicaId>,
    lost_requests: AtomicU64,
    lost_predictions: AtomicU64,
    forgotten: AtomicBool,
    clock: Instant,
}

/// An endpoint about whose first answers nothing more is to be learned.
const PROVEN: u32 = u32::MAX / 2;
/// One whose first answers all failed, and of which that was told.
const DOUBTED: u32 = u32::MAX;

/// Goes up with every endpoint that is made; names it in the workers' pools.
static SERIAL: AtomicU64 = AtomicU64::new(0);

impl Deployment {
    pub(super) fn new(
        id: DeploymentId,
        drained: broadcast::Sender<DeploymentId>,
        doubted: broadcast::Sender<ReplicaId>,
    ) -> Self {
        Self {
            id,
            snapshot: ArcSwap::from_pointee(Snapshot {
                route: None,
                credential: Credential::None,
                endpoints: Box::default(),
            }),
            queue: Queue::default(),
            published: Notify::new(),
            meters: Meters::default(),
            load: load::LoadMeter::default(),
            own_failures: AtomicU64::new(0),
            own_durations: Durations::default(),
            by_revision: Mutex::default(),
            drained,
            doubted,
            lost_requests: AtomicU64::new(0),
            lost_predictions: AtomicU64::new(0),
            forgotten: AtomicBool::new(false),
            clock: Instant::now(),
        }
    }

    /// Puts a new snapshot in place. `replicas` are all that are known of this deployment; those that
    /// came are added and those that are drained are taken out. One caller at a time.
    ///
    /// The order matters: the new snapshot is visible before a gate closes, so that a request that
    /// finds a gate closed finds the new snapshot when it looks again.
    pub(super) fn publish(&self, route: Option<&Route>, replicas: &mut HashMap<ReplicaId, Arc<Replica>>) {
        let before = self.snapshot.load_full();
        let wanted = route.map_or(&[][..], |route| &route.replicas);
        let endpoints: Box<[_]> = wanted
            .iter()
            .map(|wanted| {
                let known = before.endpoints.iter().find(|endpoint| {
                    endpoint.id == wanted.id && endpoint.peer.is(&wanted.address, wanted.handle.as_ref())
                });
                if let Some(same) = known.filter(|known| known.revision == wanted.revision) {
                    return same.clone();
                }
                let replica = replicas.entry(wanted.id.clone()).or_default().clone();
                // A replica that only counts to another revision has given its first answers.
                let failed_first = known.map_or(0, |known| known.failed_first.load(Relaxed));
                Arc::new(self.endpoint(wanted, replica, failed_first))
            })
            .collect();
        self.snapshot.store(Arc::new(Snapshot {
            route: route.map(RouteLimits::of),
            credential: route.map_or(Credential::None, |route| route.credential.clone()),
            endpoints: endpoints.clone(),
        }));
        for gone in before.endpoints.iter().filter(|old| !endpoints.iter().any(|new| Arc::ptr_eq(old, new))) {
            gone.retired.store(true, Relaxed);
            if !endpoints.iter().any(|new| new.id == gone.id) {
                self.drain(gone);
            }
        }
        replicas.retain(|_, replica| !replica.gate.drained());
        self.queue.wake_first();
        self.published.notify_waiters();
    }

    fn endpoint(&self, wanted: &super::RouteReplica, replica: Arc<Replica>, failed_first: u32) -> Endpoint {
        Endpoint {
            serial: SERIAL.fetch_add(1, Relaxed),
            id: wanted.id.clone(),
            epoch: replica.gate.reopen(),
            replica,
            revision: wanted.revision,
            peer: Peer::new(wanted.address.clone(), wanted.handle.clone()),
            counters: self.counters(wanted.revision),
            meter: self.meters.meter(wanted.revision),
            revision_header: HeaderValue::from(wanted.revision.0),
            replica_header: text_header(wanted.id.as_str()),
            retired: AtomicBool::new(false),
            draining: AtomicBool::new(false),
            failed_first: AtomicU32::new(failed_first),
            cooling_until: AtomicU64::new(0),
        }
    }

    /// `endpoint` answered with `status`, or not at all: whoever listens is told when its first answers all fail.
    pub(super) fn judge(&self, endpoint: &Endpoint, status: Option<u16>) {
        let first = &endpoint.failed_first;
        if first.load(Relaxed) >= PROVEN {
            return;
        }
        let after = |failed: u32| match first_answers::proves(status)? {
            _ if failed >= PROVEN => None,
            true => Some(PROVEN),
            // Told once: from here on it is for the control side to say.
            false if first_answers::all_fail(failed + 1) => Some(DOUBTED),
            false => Some(failed + 1),
        };
        if first.fetch_update(Relaxed, Relaxed, after).is_ok_and(|failed| after(failed) == Some(DOUBTED)) {
            let _ = self.doubted.send(endpoint.id.clone());
        }
    }

    /// Replicas in the route whose first answers all failed.
    pub(super) fn doubted(&self) -> Vec<ReplicaId> {
        let snapshot = self.snapshot.load();
        let doubted = snapshot.endpoints.iter().filter(|endpoint| endpoint.failed_first.load(Relaxed) == DOUBTED);
        doubted.map(|endpoint| endpoint.id.clone()).collect()
    }

    fn drain(&self, gone: &Endpoint) {
        gone.draining.store(true, Relaxed);
        gone.replica.draining_since.store(self.now_ms(), Relaxed);
        if gone.replica.gate.close() == 0 {
            self.tell_drained();
        }
    }

    /// A request left `endpoint`.
    pub(super) fn left(&self, endpoint: &Endpoint) {
        if endpoint.replica.gate.leave() {
            let since = endpoint.replica.draining_since.load(Relaxed);
            endpoint.counters.drain_took(self.now_ms().saturating_sub(since));
            self.tell_drained();
        }
        self.queue.wake_first();
    }

    /// Requests that replicas of the current route are answering, and those that wait for one.
    pub(super) fn outstanding(&self) -> u32 {
        let snapshot = self.snapshot.load();
        let in_flight: u32 = snapshot.endpoints.iter().map(|endpoint| endpoint.replica.gate.in_flight()).sum();
        in_flight.saturating_add(u32::try_from(self.queue.len()).unwrap_or(u32::MAX))
    }

    fn tell_drained(&self) {
        // Nobody listening is fine: whoever starts to listen reads `in_flight` first.
        let _ = self.drained.send(self.id.clone());
    }

    /// A request ended; `endpoint` is the replica that had it, if one did.
    pub(super) fn ended(&self, endpoint: Option<&Endpoint>, outcome: Tallied, took: Duration) {
        match endpoint {
            Some(endpoint) => {
                endpoint.meter.record(took, outcome.is_failure());
                endpoint.counters.ended(outcome);
                if outcome != Tallied::Neither {
                    endpoint.counters.durations.record(took);
                    if endpoint.draining.load(Relaxed) {
                        endpoint.counters.drained();
                    }
                }
            }
            None => {
                self.meters.record_own(took, outcome.is_failure());
                if outcome.is_failure() {
                    self.own_failures.fetch_add(1, Relaxed);
                    self.own_durations.record(took);
                }
            }
        }
    }

    /// Closes the second that ends at `at`; what is seen is told in any case, or where it has changed.
    pub(super) fn close_second(&self, at: i64, in_any_case: bool) -> Closed {
        let snapshot = self.snapshot.load();
        let takes = snapshot.route.is_some_and(|limits| limits.active);
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let ready = if takes { count(snapshot.endpoints.len()) } else { 0 };
        self.meters.close(at, Gauge { ready, waiting: count(self.queue.len()) }, in_any_case)
    }

    /// `endpoint` could not be connected to: others come first for a while.
    pub(super) fn cool_down(&self, endpoint: &Endpoint, pause: Duration) {
        let until = self.now_ms().saturating_add(u64::try_from(pause.as_millis()).unwrap_or(u64::MAX));
        endpoint.cooling_until.store(until, Relaxed);
    }

    /// True when `endpoint` comes last for now.
    pub(super) fn is_cooling(&self, endpoint: &Endpoint) -> bool {
        match endpoint.cooling_until.load(Relaxed) {
            0 => false,
            until => self.now_ms() < until,
        }
    }

    pub(super) fn id(&self) -> &DeploymentId {
        &self.id
    }

    /// Requests since the last record of which none could be kept.
    pub(super) fn lost(&self, kind: RecordKind) -> &AtomicU64 {
        match kind {
            RecordKind::Requests => &self.lost_requests,
            RecordKind::Predictions => &self.lost_predictions,
        }
    }

    /// Nothing is kept of it any more.
    pub(super) fn forget(&self) {
        self.forgotten.store(true, Relaxed);
    }

    pub(super) fn is_forgotten(&self) -> bool {
        self.forgotten.load(Relaxed)
    }

    pub(super) fn tally(&self) -> Receipt {
        let by_revision = self.by_revision.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = by_revision.iter().map(|(revision, counters)| (*revision, counters.read())).collect();
        sum(counts, self.own_failures.load(Relaxed))
    }

    /// How long requests took since the start, by revision; of those that no replica saw without one. Those without
    /// requests are left out.
    pub(super) fn durations(&self) -> Vec<(Option<RevisionNumber>, DurationCounts)> {
        let by_revision = self.by_revision.lock().unwrap_or_else(PoisonError::into_inner);
        let own = (None, self.own_durations.read());
        let counts = by_revision.iter().map(|(revision, counters)| (Some(*revision), counters.durations.read()));
        std::iter::once(own).chain(counts).filter(|(_, counts)| counts.requests() > 0).collect()
    }

    pub(super) fn clear_longest_drain(&self) {
        let by_revision = self.by_revision.lock().unwrap_or_else(PoisonError::into_inner);
        by_revision.values().for_each(|counters| counters.clear_longest_drain());
    }

    fn counters(&self, revision: RevisionNumber) -> Arc<Counters> {
        let mut by_revision = self.by_revision.lock().unwrap_or_else(PoisonError::into_inner);
        by_revision.entry(revision).or_default().clone()
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.clock.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Ids and names are made of letters, digits and hyphens, which any header may hold.
pub(super) fn text_header(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

/// A place at a replica, held while a request is in flight; dropping it gives the place back.
pub(super) struct Permit {
    pub(super) deployment: Arc<Deployment>,
    pub(super) endpoint: Arc<Endpoint>,
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.deployment.left(&self.endpoint);
    }
}
