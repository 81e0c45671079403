//! A gateway that a test tells what is in flight.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use changeover::engine::routing::Routing;
use changeover::gateway::{Demand, Route, RouteReplica};
use domain::autoscaling::Load;
use domain::id::{DeploymentId, ReplicaId, RevisionNumber};
use domain::receipt::{Counts, Receipt};
use tokio::sync::broadcast;

/// An act of somebody else in the midst of a pass.
type Meanwhile = Box<dyn FnOnce() + Send>;

/// A gateway that remembers routes and has as many requests in flight as a test says.
pub struct FakeRouting {
    routes: Mutex<HashMap<DeploymentId, Vec<RouteReplica>>>,
    in_flight: Mutex<HashMap<ReplicaId, (DeploymentId, u32)>>,
    fewest: Mutex<HashMap<DeploymentId, usize>>,
    demands: Mutex<HashMap<DeploymentId, Demand>>,
    published: AtomicU64,
    /// Requests answered; one more at every look, once it is under load.
    answered: AtomicU64,
    meanwhile: Mutex<Vec<(u64, Meanwhile)>>,
    drained: broadcast::Sender<DeploymentId>,
}

impl Default for FakeRouting {
    fn default() -> Self {
        Self {
            routes: Mutex::default(),
            in_flight: Mutex::default(),
            fewest: Mutex::default(),
            demands: Mutex::default(),
            published: AtomicU64::default(),
            answered: AtomicU64::default(),
            meanwhile: Mutex::default(),
            drained: broadcast::channel(1024).0,
        }
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FakeRouting {
    /// Grows with every route that is published: every pass publishes one.
    pub fn publications(&self) -> u64 {
        self.published.load(Ordering::Relaxed)
    }

    /// Replicas that may be asked, with their revision.
    pub fn routed(&self, id: &DeploymentId) -> Vec<RouteReplica> {
        lock(&self.routes).get(id).cloned().unwrap_or_default()
    }

    /// The fewest replicas that could be asked at any moment since the last call.
    pub fn take_fewest(&self, id: &DeploymentId) -> usize {
        let now = self.routed(id).len();
        lock(&self.fewest).insert(id.clone(), now).unwrap_or(now).min(now)
    }

    /// Sets how many requests a replica is answering.
    pub fn busy(&self, id: &DeploymentId, replica: &ReplicaId, requests: u32) {
        lock(&self.in_flight).insert(replica.clone(), (id.clone(), requests));
        if requests == 0 {
            let _ = self.drained.send(id.clone());
        }
    }

    /// Cuts the requests of every replica whose process does not run.
    pub(crate) fn cut_all_but(&self, running: &[ReplicaId]) {
        lock(&self.in_flight).retain(|replica, (deployment, requests)| {
            let is_cut = *requests > 0 && !running.contains(replica);
            if is_cut {
                let _ = self.drained.send(deployment.clone());
            }
            !is_cut
        });
    }

    /// Lets every look at the tally find one more request answered.
    pub fn under_load(&self) {
        self.answered.fetch_max(1, Ordering::Relaxed);
    }

    /// The tally at the last look.
    pub fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// Lets this happen once the `n`-th route from now has been published: in the midst of a pass, which has read its rows
    /// and has decided nothing yet.
    pub fn meanwhile(&self, n: u64, happens: impl FnOnce() + Send + 'static) {
        lock(&self.meanwhile).push((self.publications() + n, Box::new(happens)));
    }

    /// From now on nothing more happens in the midst of a pass.
    pub fn nothing_meanwhile(&self) {
        lock(&self.meanwhile).clear();
    }

    /// Sets what is asked of a deployment, until it is set anew.
    pub fn asked(&self, id: &DeploymentId, demand: Demand) {
        lock(&self.demands).insert(id.clone(), demand);
    }
}

impl Routing for FakeRouting {
    fn publish(&self, id: &DeploymentId, route: Route) {
        let count = route.replicas.len();
        lock(&self.fewest).entry(id.clone()).and_modify(|fewest| *fewest = count.min(*fewest)).or_insert(count);
        lock(&self.routes).insert(id.clone(), route.replicas);
        let published = self.published.fetch_add(1, Ordering::Relaxed) + 1;
        let due: Vec<_> = lock(&self.meanwhile).extract_if(.., |(n, _)| *n <= published).collect();
        due.into_iter().for_each(|(_, happens)| happens());
    }

    fn forget(&self, id: &DeploymentId) {
        lock(&self.routes).remove(id);
    }

    fn in_flight(&self, _: &DeploymentId, replica: &ReplicaId) -> u32 {
        lock(&self.in_flight).get(replica).map_or(0, |(_, requests)| *requests)
    }

    fn demand(&self, id: &DeploymentId) -> Demand {
        lock(&self.demands).get(id).copied().unwrap_or_default()
    }

    /// The same at every moment, so that average and peak are what is asked now.
    fn load(&self, id: &DeploymentId) -> Load {
        let Demand { in_flight, waiting } = self.demand(id);
        let outstanding = in_flight + waiting;
        Load { average_milli: u64::from(outstanding) * 1_000, peak: outstanding, refused: 0 }
    }

    fn tally(&self, _: &DeploymentId) -> Receipt {
        if self.answered() == 0 {
            return Receipt::default();
        }
        let counts = Counts { answered: self.answered.fetch_add(1, Ordering::Relaxed) + 1, ..Counts::default() };
        Receipt { total: counts, by_revision: BTreeMap::from([(RevisionNumber(1), counts)]) }
    }

    fn clear_longest_drain(&self, _: &DeploymentId) {}

    fn drained(&self) -> broadcast::Receiver<DeploymentId> {
        self.drained.subscribe()
    }
}
