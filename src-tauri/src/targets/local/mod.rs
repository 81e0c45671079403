//! Replicas as processes on this machine: started, watched, ended, and found again after a restart.
//!
//! Flow: `start` spawns `changeover replica …` in a process group of its own, with its output in a log
//! file, and a task that watches it ([`watch`]): its end through the process itself, its health over its
//! control socket. Its command line holds what a server finds it by and nothing else ([`words`]). `look` answers from what that task last saw.
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
mod kept_lines;
mod launch;
mod left_over;
mod limits;
mod logs;
mod machine;
mod memory;
mod paths;
mod ports;
mod process;
mod tracked;
mod unpacked;
mod usage;
mod watch;
mod words;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::id::{DeploymentId, Digest, ReplicaId};
use domain::model::Tried;
use domain::replica::{Handle, Observed, Seen};
use domain::resources::Usage;
use domain::target::{Room, Traits};
use futures_util::future::BoxFuture;
use tokio::sync::{Notify, broadcast};

use super::{KnownReplica, Launch, Order, Output, Target, TargetError, Unseen};
use crate::peer::Peer;
pub use environments::requirements;
pub use logs::Logs;
pub use machine::capacity;
pub use paths::Paths;
pub use tracked::{ArtifactPath, LocalSettings};
use tracked::{Shared, Tracked};

/// The target.
pub struct LocalTarget {
    shared: Arc<Shared>,
}

impl LocalTarget {
    /// Prepares the folders, and finds out how limits can be enforced; starts nothing.
    ///
    /// # Errors
    /// A folder cannot be made.
    pub fn new(settings: LocalSettings, paths: Paths) -> Result<Self, TargetError> {
        paths.prepare()?;
        Ok(Self { shared: Arc::new(Shared::new(settings, paths)) })
    }

    /// The outcome of loading the ONNX file at `path` once, with what belongs to it in its folder; `size` is that of the
    /// whole package in bytes. Blocks for as long as that takes, within its limit, so not for async threads.
    pub fn first_load(&self, path: &Path, size: u64) -> Tried {
        first_load::first_load(&self.shared, path, size)
    }

    /// Removes the Python environments that were built for none of these requirements (see [`requirements`]).
    ///
    /// # Errors
    /// The folders cannot be read or removed.
    pub fn keep_environments(&self, named: &BTreeSet<Vec<String>>) -> std::io::Result<()> {
        environments::remove_unused(&self.shared.paths.environments, named)
    }

    /// Removes the folders of packages that belong to none of these artifacts.
    ///
    /// # Errors
    /// The folders cannot be read or removed.
    pub fn keep_unpacked(&self, named: &BTreeSet<Digest>) -> std::io::Result<()> {
        unpacked::remove_unused(&self.shared.paths.unpacked, named)
    }

    /// Removes the folder of the package with this artifact, unless a replica makes it just now.
    ///
    /// # Errors
    /// The folder cannot be read or removed.
    pub fn forget_package(&self, digest: &Digest) -> std::io::Result<()> {
        unpacked::remove(&self.shared.paths.unpacked, digest)
    }

    /// Removes the folders that programs of other replicas than these were started in.
    ///
    /// # Errors
    /// The folders cannot be read or removed.
    pub fn keep_work(&self, replicas: &BTreeSet<ReplicaId>) -> std::io::Result<()> {
        let tracked = self.shared.tracked().keys().cloned().collect::<BTreeSet<_>>();
        self.shared.paths.keep_work(|replica| replicas.contains(replica) || tracked.contains(replica))
    }

    /// Removes the output of scratch replicas that a server before this one has left.
    ///
    /// # Errors
    /// The output cannot be read or removed.
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
    async fn stop_all(&self) {
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

    fn start(&self, launch: &Launch) -> Result<(), TargetError> {
        self.shared.check_generation(launch)?;
        let before = self.shared.tracked().remove(&launch.replica);
        if let Some(before) = before.filter(|before| before.observed.may_exist()) {
            process::kill(before.process);
        }
        let spawned = launch::spawn(&self.shared, launch)?;
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
            peer: Peer::new(spawned.address.clone(), Some(Handle::Process(spawned.process))),
            liveness: launch.configuration.liveness,
            resources: launch.configuration.resources,
            started_at: now,
            proven: false,
            doubted,
        };
        watch::spawn(self.shared.clone(), watched, process::Life::Child(spawned.child));
        Ok(())
    }

    async fn reconfigure(&self, launch: &Launch) -> Result<(), TargetError> {
        self.shared.check_generation(launch)?;
        let timeout = Duration::from_secs(launch.configuration.reconfigure.timeout_seconds.into());
        let given = control::Given { revision: launch.revision, user_config: &launch.configuration.user_config };
        let told = control::configure(&self.shared.paths.control(&launch.replica), &given, timeout).await;
        told.map_err(|error| match error {
            control::ControlError::Refused(why) => TargetError::Refused(why),
            other => TargetError::NotTaken(other.to_string()),
        })
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

    fn clear(&self, deployment: &DeploymentId) -> Result<(), TargetError> {
        self.shared.forget_deployment(deployment);
        let removed = self.shared.logs.remove(deployment);
        removed.map_err(|source| TargetError::System {
            what: "the output of its replicas cannot be removed".to_owned(),
            source,
        })
    }
}

impl Target for LocalTarget {
    fn traits(&self) -> Traits {
        Traits::LOCAL
    }

    fn room(&self) -> Room {
        Room::Counted(self.shared.limits.machine())
    }

    fn look(&self, replicas: &[ReplicaId]) -> Result<Vec<Seen>, Unseen> {
        let tracked = self.shared.tracked();
        Ok(replicas.iter().map(|replica| tracked.get(replica).map_or_else(Seen::absent, Tracked::seen)).collect())
    }

    fn act(&self, order: Order) -> BoxFuture<'_, Result<(), TargetError>> {
        Box::pin(async move {
            match order {
                Order::Start(launch) => self.start(&launch),
                Order::Reconfigure(launch) => self.reconfigure(&launch).await,
                Order::Stop(replica) => {
                    self.stop(&replica);
                    Ok(())
                }
                Order::Forget(replica) => {
                    self.forget(&replica);
                    Ok(())
                }
                Order::Clear(deployment) => self.clear(&deployment),
                Order::StopAll => {
                    self.stop_all().await;
                    Ok(())
                }
            }
        })
    }

    fn adopt(&self, known: Vec<KnownReplica>) -> BoxFuture<'_, Result<(), TargetError>> {
        Box::pin(adopt::adopt(&self.shared, known))
    }

    fn peak_memory(&self, replica: &ReplicaId) -> BoxFuture<'_, Option<u64>> {
        let process = self.shared.tracked().get(replica).map(|found| found.process);
        Box::pin(async move {
            let process = process?;
            tokio::task::spawn_blocking(move || memory::peak(process)).await.ok().flatten()
        })
    }

    fn usage(&self, replicas: &[ReplicaId]) -> Vec<(ReplicaId, Usage)> {
        let tracked = self.shared.tracked();
        let leaders = replicas.iter().filter_map(|id| Some((id.clone(), tracked.get(id)?.process))).collect();
        drop(tracked);
        self.shared.meter.look(leaders)
    }

    fn output(&self) -> &dyn Output {
        &self.shared.logs
    }

    fn changes(&self) -> broadcast::Receiver<DeploymentId> {
        self.shared.changes.subscribe()
    }
}
