//! The gateway: one listener, behind which every deployment has a stable inference URL, `/{name}/…`.
//!
//! Flow: the engine [publishes](Gateway::publish) a [`Route`] per deployment. It becomes an immutable
//! snapshot. A request (see `forward`) looks up its name, takes a place at the replica with the least
//! in flight (`balance`, `gate`), in line if all are busy (`queue`), and is passed on over a kept
//! connection (`link`, `pool`), its credential judged first (`credential`), headers rewritten
//! (`headers`), bodies streamed (`upload`, `body`). How it ended is counted (`tally`, `metrics`) and
//! told second by second (`meters`, `seconds`), and what a deployment wants to be kept of it is noted and goes to a thread
//! that writes files (`note`, `records`).
//!
//! Guarantees:
//! - A replica that is missing in a published route gets no new request once `publish` has returned;
//!   once [`in_flight`](Gateway::in_flight) then reads 0, no request ever reaches it.
//! - A request is repeated only when nothing of it was written to the replica asked before.
//! - The request path takes no lock that another deployment's requests take, asks no clock of the
//!   engine, and touches no store. While nobody waits in line it takes no lock at all.
//! - Whatever comes from a replica carries `x-changeover-revision` and `x-changeover-replica`.
//!
//! Assumptions: one caller publishes for a deployment at a time; a replica id belongs to one deployment. A name that
//! two deployments are published under is the later one's, and stays so when the earlier one is withdrawn.
//!
//! Errors: the gateway's own answers are problem responses with a code (`problem`); [`GatewayError`] is
//! for starting only.

mod balance;
mod bell;
mod body;
mod client;
mod credential;
mod cut;
mod deployment;
mod forward;
mod gate;
mod headers;
mod link;
mod load;
mod meters;
mod metrics;
mod note;
mod numbers;
mod pool;
mod problem;
mod queue;
mod recent;
mod records;
mod route;
mod seconds;
mod serve;
mod settings;
mod tally;
mod upload;
mod upstream;
mod worker;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use domain::autoscaling::Load;
use domain::id::{DeploymentId, DeploymentName, ReplicaId};
use tokio::sync::{broadcast, mpsc, watch};

use deployment::{Deployment, Replica};
use records::Recorder;
use seconds::Seconds;
use worker::{Shared, Table, WorkerOrder};

pub use credential::{CallerSecret, Credential};
pub use records::RecordSettings;
pub use route::{Address, RecordKind, Route, RouteReplica};
pub use seconds::ClosedSecond;
pub use settings::{GatewayError, Settings};
pub use tally::receipt_between;

/// Drained or doubted replicas that a slow listener may be behind before it is told to look at all.
const DRAINED_KEPT: usize = 1024;

/// The load of a deployment at one moment (RAY-7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    /// Requests that replicas are answering, draining replicas among them.
    pub in_flight: u32,
    /// Requests that wait in line for a replica with a place free.
    pub waiting: u32,
}

/// Handle of a running gateway; cheap to clone. When the last one is dropped the gateway ends at once.
#[derive(Clone)]
pub struct Gateway(Arc<Inner>);

struct Inner {
    address: SocketAddr,
    shared: Arc<Shared>,
    known: Mutex<HashMap<DeploymentId, KnownDeployment>>,
    drained: broadcast::Sender<DeploymentId>,
    doubted: broadcast::Sender<ReplicaId>,
    orders: Vec<mpsc::UnboundedSender<WorkerOrder>>,
    /// Until it is told to stop.
    recorder: Mutex<Option<Recorder>>,
    /// Closed when all workers have ended, and what they recorded is written.
    running: watch::Sender<()>,
}

/// A deployment as the control side knows it.
struct KnownDeployment {
    name: Option<DeploymentName>,
    deployment: Arc<Deployment>,
    /// The replicas in the route, and those that still drain.
    replicas: HashMap<ReplicaId, Arc<Replica>>,
}

impl Gateway {
    /// Starts to listen and to answer; every name is unknown until it is published.
    pub fn start(settings: Settings) -> Result<Gateway, GatewayError> {
        let threads = settings.threads.max(1);
        let (listener, address) = listen(settings.listen)?;
        let runtimes: Vec<_> = (0..threads)
            .map(|_| tokio::runtime::Builder::new_current_thread().enable_all().build())
            .collect::<Result<_, _>>()
            .map_err(GatewayError::Threads)?;
        let shared = Arc::new(Shared {
            complete: AtomicBool::new(!settings.routes_follow),
            seconds: Seconds::taken_by(settings.seconds.clone()),
            settings,
            table: ArcSwap::default(),
            connections: (0..threads).map(|_| AtomicUsize::new(0)).collect(),
            cut: AtomicUsize::new(0),
        });
        let (orders, inboxes): (Vec<_>, Vec<_>) = (0..threads).map(|_| mpsc::unbounded_channel()).unzip();
        let (running, ended) = watch::channel(());
        let (recorder, writer) =
            shared.settings.records.as_ref().map(|to| records::channel(to, shared.settings.clock.clone())).unzip();
        if let Some(writer) = writer {
            let (ended, part) = (ended.clone(), shared.settings.vital.part("the writer of the gateway's records"));
            let write = move || {
                writer.run();
                part.done();
                drop(ended);
            };
            let named = std::thread::Builder::new().name("gateway-records".to_owned());
            named.spawn(write).map_err(GatewayError::Threads)?;
        }
        let mut accepting = Some((listener, orders.clone()));
        for (index, (runtime, inbox)) in runtimes.into_iter().zip(inboxes).enumerate() {
            let (shared, accepting, ended) = (shared.clone(), accepting.take(), ended.clone());
            let recorder = recorder.clone();
            let part = shared.settings.vital.part("a thread of the gateway");
            std::thread::Builder::new()
                .name(format!("gateway-{index}"))
                .spawn(move || {
                    serve::run(shared, recorder, index, &runtime, inbox, accepting);
                    part.done();
                    drop(ended);
                })
                .map_err(GatewayError::Threads)?;
        }
        let (drained, _) = broadcast::channel(DRAINED_KEPT);
        let (doubted, _) = broadcast::channel(DRAINED_KEPT);
        let (known, recorder) = (Mutex::default(), Mutex::new(recorder));
        Ok(Gateway(Arc::new(Inner { address, shared, known, drained, doubted, orders, recorder, running })))
    }

    /// Every deployment there is has been published: a name without a route is unknown from now on.
    /// Before, with [`Settings::routes_follow`], such a name is answered `503 starting`.
    pub fn routes_complete(&self) {
        self.0.shared.complete.store(true, Ordering::Relaxed);
    }

    /// The address at which it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.0.address
    }

    /// Answers requests of deployment `id` by `route` from now on. Replicas that are in it under the
    /// same id, revision and address stay as they are; one with another revision or address gets new
    /// connections; one that is missing drains; one that drains and is in it again is open again.
    pub fn publish(&self, id: &DeploymentId, route: Route) {
        let mut known = self.known();
        let entry = known.entry(id.clone()).or_insert_with(|| KnownDeployment {
            name: None,
            deployment: Arc::new(Deployment::new(id.clone(), self.0.drained.clone(), self.0.doubted.clone())),
            replicas: HashMap::new(),
        });
        entry.deployment.publish(Some(&route), &mut entry.replicas);
        let old = entry.name.replace(route.name.clone()).filter(|old| *old != route.name);
        let deployment = &entry.deployment;
        // What the table says is compared every time, whoever has changed it since.
        if old.is_some() || !bears(&self.0.shared.table.load(), &route.name, deployment) {
            self.change_table(|table| {
                if let Some(old) = old.filter(|old| bears(table, old, deployment)) {
                    table.remove(old.as_str());
                }
                table.insert(route.name.as_str().into(), deployment.clone());
            });
        }
        self.sweep();
    }

    /// The name of deployment `id` is unknown from now on (404); its replicas drain. Its numbers stay
    /// until it is [forgotten](Gateway::forget).
    pub fn withdraw(&self, id: &DeploymentId) {
        let mut known = self.known();
        let Some(entry) = known.get_mut(id) else { return };
        let deployment = &entry.deployment;
        // Another deployment may have taken the name over by now.
        if let Some(name) = entry.name.take().filter(|name| bears(&self.0.shared.table.load(), name, deployment)) {
            self.change_table(|table| {
                table.remove(name.as_str());
            });
            self.0.shared.seconds.leaves(deployment);
        }
        entry.deployment.publish(None, &mut entry.replicas);
        self.sweep();
    }

    /// Withdraws deployment `id` if it is not yet, and drops its numbers and records.
    pub fn forget(&self, id: &DeploymentId) {
        self.withdraw(id);
        let known = self.known().remove(id);
        let recorder = self.recorder().clone();
        if let (Some(known), Some(recorder)) = (known, recorder) {
            known.deployment.forget();
            recorder.forget(id);
        }
    }

    /// The newest records of deployment `id`, at most `limit`, oldest first, and a position behind them. Reads files.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn newest_records(&self, id: &DeploymentId, kind: RecordKind, limit: usize) -> io::Result<(Vec<String>, u64)> {
        self.0
            .shared
            .settings
            .records
            .as_ref()
            .map_or(Ok((Vec::new(), 0)), |settings| records::newest(&settings.folder, id, kind, limit))
    }

    /// Records of deployment `id` behind `position`, a part at a time if there are many, oldest first, and the position
    /// behind them. Reads files.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn records_after(&self, id: &DeploymentId, kind: RecordKind, position: u64) -> io::Result<(Vec<String>, u64)> {
        self.0
            .shared
            .settings
            .records
            .as_ref()
            .map_or(Ok((Vec::new(), 0)), |settings| records::after(&settings.folder, id, kind, position))
    }

    /// Gives `take` each record of deployment `id`, the newest first, until it breaks off: as [`newest_records`](Self::newest_records)
    /// has them, and what is no whole line too. Reads files.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn records_back(
        &self,
        id: &DeploymentId,
        kind: RecordKind,
        take: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> io::Result<()> {
        let settings = self.0.shared.settings.records.as_ref();
        settings.map_or(Ok(()), |settings| records::back(&settings.folder, id, kind, take))
    }

    /// Requests in flight at `replica` of deployment `id`, draining or not; 0 for one that is not known (any more).
    pub fn in_flight(&self, id: &DeploymentId, replica: &ReplicaId) -> u32 {
        let known = self.known();
        known.get(id).and_then(|entry| entry.replicas.get(replica)).map_or(0, |replica| replica.gate.in_flight())
    }

    /// The load of deployment `id` at this moment; none of an unknown one. Costs a look at each of
    /// its replicas.
    pub fn demand(&self, id: &DeploymentId) -> Demand {
        let known = self.known();
        let Some(entry) = known.get(id) else { return Demand::default() };
        let in_flight = entry.replicas.values().map(|replica| replica.gate.in_flight()).sum();
        Demand { in_flight, waiting: u32::try_from(entry.deployment.queue.len()).unwrap_or(u32::MAX) }
    }

    /// The load of deployment `id` since the last call; zero for an unknown deployment. One caller for each deployment.
    pub fn load(&self, id: &DeploymentId) -> Load {
        self.deployment(id)
            .map(|deployment| deployment.load.take(deployment.outstanding(), Instant::now()))
            .unwrap_or_default()
    }

    /// Tells from now on, by the deployment's id, that nothing is in flight any more at one of its
    /// draining replicas: at once for a replica that was idle. Who gets `Lagged` looks at all.
    pub fn drained(&self) -> broadcast::Receiver<DeploymentId> {
        self.0.drained.subscribe()
    }

    /// Tells from now on of each replica whose first answers since it came into the route have all failed. Who gets
    /// `Lagged` asks for [all](Self::all_doubted).
    pub fn doubted(&self) -> broadcast::Receiver<ReplicaId> {
        self.0.doubted.subscribe()
    }

    /// Replicas in a route whose first answers have all failed.
    pub fn all_doubted(&self) -> Vec<ReplicaId> {
        let known: Vec<_> = self.known().values().map(|known| known.deployment.clone()).collect();
        known.iter().flat_map(|deployment| deployment.doubted()).collect()
    }

    /// Takes no more connections, lets requests in flight finish for at most `grace`, then cuts the
    /// rest. Returns when all is over: how many were cut.
    pub async fn stop(&self, grace: Duration) -> usize {
        self.recorder().take();
        self.order(|| WorkerOrder::Stop(grace));
        self.0.running.closed().await;
        self.0.shared.cut.load(Ordering::Relaxed)
    }

    fn deployment(&self, id: &DeploymentId) -> Option<Arc<Deployment>> {
        self.known().get(id).map(|entry| entry.deployment.clone())
    }

    fn known(&self) -> MutexGuard<'_, HashMap<DeploymentId, KnownDeployment>> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recorder(&self) -> MutexGuard<'_, Option<Recorder>> {
        self.0.recorder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Only under the lock of `known`, so that no change is lost.
    fn change_table(&self, change: impl FnOnce(&mut Table)) {
        let mut table = Table::clone(&self.0.shared.table.load());
        change(&mut table);
        self.0.shared.table.store(Arc::new(table));
    }

    fn sweep(&self) {
        self.order(|| WorkerOrder::Sweep);
    }

    fn order(&self, order: impl Fn() -> WorkerOrder) {
        self.0.order(order);
    }
}

impl Inner {
    fn order(&self, order: impl Fn() -> WorkerOrder) {
        for worker in &self.orders {
            // A worker that has stopped has nothing left to do.
            let _ = worker.send(order());
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.order(|| WorkerOrder::Stop(Duration::ZERO));
    }
}

/// True when it is this very deployment that is found under `name`.
fn bears(table: &Table, name: &DeploymentName, deployment: &Arc<Deployment>) -> bool {
    table.get(name.as_str()).is_some_and(|found| Arc::ptr_eq(found, deployment))
}

fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), GatewayError> {
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::AddrInUse => GatewayError::AddressInUse { address },
        _ => GatewayError::Listen { address, source },
    };
    let listener = TcpListener::bind(address).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let local = listener.local_addr().map_err(failed)?;
    Ok((listener, local))
}
