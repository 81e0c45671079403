//! Replicas as processes on this machine: started, watched, ended, and found again after a restart.
//!
//! Flow: `start` spawns `changeover replica …` in a process group of its own, with its output in a log
//! file, and a task that watches it ([`watch`]): its end through the process itself, its health over its
//! control socket. Its command line holds what a server finds it by and nothing else ([`words`]). `observe` answers from what that task last saw.
//!
//! Guarantees: a replica outlives a killed server; the next one knows it by pid, start time and the
//! identity that the replica itself answers ([`adopt`]). A process is signalled only while pid and start
//! time fit, so never a stranger.
//!
//! Assumption: one server at a time on a data directory (it holds the lock that replicas look at).

mod adopt;
mod cgroup;
mod control;
mod doubts;
mod environments;
mod first_load;
mod launch;
mod left_over;
mod limits;
mod logs;
mod machine;
mod paths;
mod ports;
mod process;
mod unpacked;
mod watch;
mod words;

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::id::{DeploymentId, Digest, Generation, ReplicaId};
use domain::replica::{Address, Observed, Process, ReplicaRecord};
use domain::resources::{Capacity, Machine};
use tokio::sync::{Notify, Semaphore, broadcast};

use crate::clock::Clock;
use crate::vital::Vital;

use super::{Doing, Launch, Seen, Target, TargetError};
use crate::peer::Peer;
pub use environments::requirements;
use limits::Limits;
pub use logs::Logs;
pub use machine::capacity;
pub use paths::Paths;
use ports::Ports;

/// What the local target needs to know.
#[derive(Clone, Debug)]
pub struct LocalSettings {
    /// The program whose `replica` command is started; the server itself.
    pub program: PathBuf,
    /// The ONNX Runtime library.
    pub onnxruntime: Option<PathBuf>,
    /// How long a replica whose server is gone waits to be adopted, in seconds.
    pub orphan_seconds: u64,
    /// How long a process that was asked to end may take.
    pub grace: Duration,
    /// What time it is.
    pub clock: Clock,
    /// Told when a replica is not watched any more.
    pub vital: Vital,
    /// Largest request body in bytes.
    pub max_body_bytes: u64,
    /// What replicas may be given of this machine.
    pub capacity: Capacity,
}

/// The target.
pub struct LocalTarget {
    shared: Arc<Shared>,
}

struct Shared {
    settings: LocalSettings,
    paths: Paths,
    logs: Logs,
    limits: Limits,
    ports: Ports,
    /// Turns to load a file that is being registered.
    loads: Semaphore,
    tracked: Mutex<HashMap<ReplicaId, Tracked>>,
    newest: Mutex<HashMap<DeploymentId, Generation>>,
    changes: broadcast::Sender<DeploymentId>,
    /// Deployments whose replicas are not waited for any more.
    broken_off: broadcast::Sender<DeploymentId>,
}

struct Tracked {
    deployment: DeploymentId,
    /// Tells one process of a replica from the next.
    process: Process,
    address: Address,
    observed: Observed,
    problem: Option<String>,
    /// It has said that its problem does not change by trying again.
    lasting: bool,
    /// What it says that it is doing, while it is not ready.
    doing: Option<Doing>,
    stopping: bool,
    /// Told when its first answers all fail.
    doubted: Arc<Notify>,
}

impl Shared {
    fn tracked(&self) -> MutexGuard<'_, HashMap<ReplicaId, Tracked>> {
        self.tracked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the replica has no other process by now.
    fn is_current(&self, id: &ReplicaId, process: Process) -> bool {
        self.tracked().get(id).is_some_and(|found| found.process == process)
    }

    /// Notes what `process` says that it is doing.
    fn does(&self, id: &ReplicaId, process: Process, doing: Doing) {
        if let Some(found) = self.tracked().get_mut(id).filter(|found| found.process == process) {
            found.doing = Some(doing);
        }
    }

    /// Notes what was seen of `process`, unless the replica has another one by now.
    fn saw(&self, id: &ReplicaId, process: Process, observed: Observed, problem: Option<String>) {
        self.saw_end(id, process, observed, problem, false);
    }

    /// The same of an end; whether its problem is a lasting one.
    fn saw_end(&self, id: &ReplicaId, process: Process, observed: Observed, problem: Option<String>, lasting: bool) {
        let mut tracked = self.tracked();
        let Some(found) = tracked.get_mut(id).filter(|found| found.process == process) else { return };
        let observed = match observed {
            // The end that was asked for is no failure.
            Observed::Exited { .. } if found.stopping => Observed::Absent,
            other => other,
        };
        (found.observed, found.lasting) = (observed, lasting);
        found.doing = None;
        if problem.is_some() && !found.stopping {
            found.problem = problem;
        }
        let deployment = found.deployment.clone();
        drop(tracked);
        // Nobody listening is no error.
        let _ = self.changes.send(deployment);
    }
}

impl LocalTarget {
    /// Prepares the folders, and looks how limits can be enforced; starts nothing.
    ///
    /// # Errors
    /// A folder cannot be made.
    pub fn new(settings: LocalSettings, paths: Paths) -> Result<Self, TargetError> {
        paths.prepare()?;
        let logs = Logs::new(paths.logs.clone());
        let limits = Limits::find(&paths.instance, settings.capacity);
        let shared = Shared {
            settings,
            paths,
            logs,
            limits,
            ports: Ports::default(),
            loads: Semaphore::new(first_load::AT_A_TIME),
            tracked: Mutex::default(),
            newest: Mutex::default(),
            changes: broadcast::channel(4096).0,
            broken_off: broadcast::channel(16).0,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// What a replica that is not ready yet says that it is doing.
    pub fn doing(&self, replica: &ReplicaId) -> Option<String> {
        self.shared.tracked().get(replica)?.doing.as_ref().map(|doing| doing.what.clone())
    }

    /// Removes the Python environments that were built for none of these requirements (see [`requirements`]).
    ///
    /// # Errors
    /// What is there cannot be read or removed.
    pub fn keep_environments(&self, named: &BTreeSet<Vec<String>>) -> std::io::Result<()> {
        environments::remove_unused(&self.shared.paths.environments, named)
    }

    /// Removes the folders of packages that belong to none of these artifacts.
    ///
    /// # Errors
    /// What is there cannot be read or removed.
    pub fn keep_unpacked(&self, named: &BTreeSet<Digest>) -> std::io::Result<()> {
        unpacked::remove_unused(&self.shared.paths.unpacked, named)
    }

    /// Removes the folder of the package with this artifact, unless a replica makes it just now.
    ///
    /// # Errors
    /// What is there cannot be read or removed.
    pub fn forget_package(&self, digest: &Digest) -> std::io::Result<()> {
        unpacked::remove(&self.shared.paths.unpacked, digest)
    }

    /// Removes the folders that programs of other replicas than these were started in.
    ///
    /// # Errors
    /// What is there cannot be read or removed.
    pub fn keep_work(&self, replicas: &BTreeSet<ReplicaId>) -> std::io::Result<()> {
        let tracked = self.shared.tracked().keys().cloned().collect::<BTreeSet<_>>();
        self.shared.paths.keep_work(|replica| replicas.contains(replica) || tracked.contains(replica))
    }

    /// Removes the output of scratch replicas that a server before this one has left.
    ///
    /// # Errors
    /// What is there cannot be read or removed.
    pub fn forget_checks(&self) -> std::io::Result<()> {
        self.shared.logs.remove_checks()
    }

    /// Takes note of replicas whose first answers all failed, for as long as anybody tells: they are not ready, whatever
    /// their health route says. `all` is asked when some of `doubted` were missed.
    pub async fn take_doubts(
        self: Arc<Self>,
        doubted: broadcast::Receiver<ReplicaId>,
        all: impl Fn() -> Vec<ReplicaId> + Send,
    ) {
        doubts::follow(doubted, all, |replica| {
            if let Some(found) = self.shared.tracked().get(replica) {
                found.doubted.notify_one();
            }
        })
        .await;
    }

    /// The replicas' output.
    pub fn logs(&self) -> &Logs {
        &self.shared.logs
    }

    /// Asks every replica to end, and waits until all have, or for the grace period and a little more.
    pub async fn stop_all(&self) {
        let mut changes = self.shared.changes.subscribe();
        let ids: Vec<_> = self.shared.tracked().keys().cloned().collect();
        for id in &ids {
            self.stop(id);
        }
        let all_ended = async {
            while self.shared.tracked().values().any(|tracked| tracked.observed.may_exist()) {
                let _ = changes.recv().await;
            }
        };
        let _ = tokio::time::timeout(self.shared.settings.grace * 2, all_ended).await;
    }

    fn check_generation(&self, launch: &Launch) -> Result<(), TargetError> {
        let mut newest = self.shared.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let known = newest.entry(launch.deployment.clone()).or_insert(launch.generation);
        if *known > launch.generation {
            return Err(TargetError::Outdated { given: launch.generation, known: *known });
        }
        *known = launch.generation;
        Ok(())
    }
}

impl Target for LocalTarget {
    fn observe(&self, replica: &ReplicaId) -> Seen {
        let tracked = self.shared.tracked();
        tracked.get(replica).map_or_else(Seen::absent, |found| Seen {
            observed: found.observed,
            process: Some(found.process),
            address: Some(found.address.clone()),
            problem: found.problem.clone(),
            lasting: found.lasting,
            doing: found.doing.clone(),
        })
    }

    fn start(&self, launch: &Launch) -> Result<Seen, TargetError> {
        self.check_generation(launch)?;
        let before = self.shared.tracked().remove(&launch.replica);
        if let Some(before) = before.filter(|before| before.observed.may_exist()) {
            process::kill(before.process);
        }
        let spawned = { launch::spawn(&self.shared, launch)? };
        let doubted = Arc::new(Notify::new());
        let now = self.shared.settings.clock.now();
        let tracked = Tracked {
            deployment: launch.deployment.clone(),
            process: spawned.process,
            address: spawned.address.clone(),
            observed: Observed::Starting { since: now },
            problem: None,
            lasting: false,
            doing: None,
            stopping: false,
            doubted: doubted.clone(),
        };
        self.shared.tracked().insert(launch.replica.clone(), tracked);
        let watched = watch::Watched {
            id: launch.replica.clone(),
            deployment: launch.deployment.clone(),
            process: spawned.process,
            control: self.shared.paths.control(&launch.replica),
            peer: Peer::new(spawned.address.clone(), Some(spawned.process)),
            liveness: launch.configuration.liveness,
            resources: launch.configuration.resources,
            started_at: now,
            proven: false,
            doubted,
        };
        watch::spawn(self.shared.clone(), watched, process::Life::Child(spawned.child));
        let (process, address) = (Some(spawned.process), Some(spawned.address));
        Ok(Seen { observed: Observed::Starting { since: now }, process, address, ..Seen::absent() })
    }

    fn reconfigure(&self, launch: &Launch) -> Result<(), TargetError> {
        self.check_generation(launch)?;
        let timeout = Duration::from_secs(launch.configuration.reconfigure.timeout_seconds.into());
        let given = control::Given { revision: launch.revision, user_config: &launch.configuration.user_config };
        let socket = self.shared.paths.control(&launch.replica);
        let mut broken_off = self.shared.broken_off.subscribe();
        let given_up = async {
            // Whoever missed one cannot know whether it was meant.
            while broken_off.recv().await.is_ok_and(|deployment| deployment != launch.deployment) {}
        };
        tokio::runtime::Handle::current().block_on(async {
            tokio::select! {
                told = control::configure(&socket, &given, timeout) => told.map_err(|error| match error {
                    control::ControlError::Refused(why) => TargetError::Refused(why),
                    other => TargetError::NotTaken(other.to_string()),
                }),
                () = given_up => Err(TargetError::NotTaken("something else was asked for meanwhile".to_owned())),
            }
        })
    }

    fn break_off(&self, deployment: &DeploymentId) {
        // Nobody listens while no replica is told.
        let _ = self.shared.broken_off.send(deployment.clone());
    }

    fn machine(&self) -> Machine {
        self.shared.limits.machine()
    }

    fn stop(&self, replica: &ReplicaId) {
        let mut tracked = self.shared.tracked();
        let Some(found) = tracked.get_mut(replica).filter(|found| !found.stopping && found.observed.may_exist()) else {
            return;
        };
        found.stopping = true;
        let process = found.process;
        drop(tracked);
        process::terminate(process);
        let grace = self.shared.settings.grace;
        tokio::spawn(async move {
            tokio::time::sleep(grace).await;
            process::kill(process);
        });
    }

    fn forget(&self, replica: &ReplicaId) {
        self.shared.tracked().remove(replica);
        self.shared.ports.take_back(replica);
        self.shared.limits.release(replica);
        self.shared.paths.remove(replica);
    }

    fn clear(&self, deployment: &DeploymentId) {
        self.shared.newest.lock().unwrap_or_else(PoisonError::into_inner).remove(deployment);
        if let Err(error) = self.shared.logs.remove(deployment) {
            tracing::warn!(%deployment, %error, "the output of its replicas cannot be removed");
        }
    }

    async fn adopt(&self, known: &[(Launch, ReplicaRecord)]) -> Result<(), TargetError> {
        adopt::adopt(&self.shared, known).await
    }

    fn changes(&self) -> broadcast::Receiver<DeploymentId> {
        self.shared.changes.subscribe()
    }
}
