//! The processes on this machine, as known by the parts that start, watch and end them.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::id::{DeploymentId, Digest, Generation, ReplicaId};
use domain::replica::{Address, Doing, Handle, Observed, Process, Seen};
use domain::resources::Capacity;
use tokio::sync::{Notify, Semaphore, broadcast};

use super::limits::ResourceLimits;
use super::logs::Logs;
use super::paths::Paths;
use super::ports::Ports;
use super::usage::Meter;
use crate::clock::Clock;
use crate::targets::{Launch, TargetError};
use crate::vital::Vital;

/// Files that are being registered and are loaded at a time; further ones wait for their turn.
const LOADS_AT_A_TIME: usize = 2;

/// Tells the path of the artifact with this digest.
pub type ArtifactPath = dyn Fn(&Digest) -> PathBuf + Send + Sync;

/// The settings of the local target.
#[derive(Clone)]
pub struct LocalSettings {
    /// The program whose `replica` command is started; the server itself.
    pub program: PathBuf,
    /// The ONNX Runtime library.
    pub onnxruntime: Option<PathBuf>,
    /// The time in seconds for which a replica whose server is gone waits to be adopted.
    pub orphan_seconds: u64,
    /// The time that a process may take to end once it was asked to.
    pub grace: Duration,
    /// The source of the current time.
    pub clock: Clock,
    /// Told when a replica is not watched any more.
    pub vital: Vital,
    /// Largest request body in bytes.
    pub max_body_bytes: u64,
    /// The part of this machine that replicas may be given.
    pub capacity: Capacity,
    /// The number that the first of the GPUs has on the machine.
    pub first_gpu: u32,
    /// Tells the path of an artifact by its digest.
    pub artifact_path: Arc<ArtifactPath>,
}

pub(super) struct Shared {
    pub(super) settings: LocalSettings,
    pub(super) paths: Paths,
    pub(super) logs: Logs,
    pub(super) limits: ResourceLimits,
    pub(super) ports: Ports,
    /// Turns to load a file that is being registered.
    pub(super) loads: Semaphore,
    pub(super) meter: Meter,
    tracked: Mutex<HashMap<ReplicaId, Tracked>>,
    newest: Mutex<HashMap<DeploymentId, Generation>>,
    pub(super) changes: broadcast::Sender<DeploymentId>,
}

pub(super) struct Tracked {
    pub(super) deployment: DeploymentId,
    /// Tells one process of a replica from the next.
    pub(super) process: Process,
    pub(super) address: Address,
    pub(super) observed: Observed,
    pub(super) problem: Option<String>,
    /// The replica has said that its problem does not change by trying again.
    pub(super) lasting: bool,
    /// The activity that the replica states while it is not ready.
    pub(super) doing: Option<Doing>,
    pub(super) stopping: bool,
    /// Told when the replica's first answers all fail.
    pub(super) doubted: Arc<Notify>,
}

impl Tracked {
    pub(super) fn seen(&self) -> Seen {
        Seen {
            observed: self.observed,
            handle: Some(Handle::Process(self.process)),
            address: Some(self.address.clone()),
            problem: self.problem.clone(),
            lasting: self.lasting,
            doing: self.doing.clone(),
        }
    }
}

impl Shared {
    pub(super) fn new(settings: LocalSettings, paths: Paths) -> Self {
        let logs = Logs::new(paths.logs.clone());
        let limits = ResourceLimits::find(&paths.instance, settings.capacity);
        Self {
            settings,
            paths,
            logs,
            limits,
            ports: Ports::default(),
            meter: Meter::default(),
            loads: Semaphore::new(LOADS_AT_A_TIME),
            tracked: Mutex::default(),
            newest: Mutex::default(),
            changes: broadcast::channel(4096).0,
        }
    }

    pub(super) fn tracked(&self) -> MutexGuard<'_, HashMap<ReplicaId, Tracked>> {
        self.tracked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True while `process` is the replica's current one.
    pub(super) fn is_current(&self, id: &ReplicaId, process: Process) -> bool {
        self.tracked().get(id).is_some_and(|found| found.process == process)
    }

    /// Notes the activity that `process` states.
    pub(super) fn does(&self, id: &ReplicaId, process: Process, doing: Doing) {
        if let Some(found) = self.tracked().get_mut(id).filter(|found| found.process == process) {
            found.doing = Some(doing);
        }
    }

    /// Notes what was seen of `process`, unless the replica has another one by now.
    pub(super) fn saw(&self, id: &ReplicaId, process: Process, observed: Observed, problem: Option<String>) {
        self.saw_end(id, process, observed, problem, false);
    }

    /// The same of an end; whether its problem is a lasting one.
    pub(super) fn saw_end(
        &self,
        id: &ReplicaId,
        process: Process,
        observed: Observed,
        problem: Option<String>,
        lasting: bool,
    ) {
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

    /// Refuses an order that serves an intent which has moved on.
    pub(super) fn check_generation(&self, launch: &Launch) -> Result<(), TargetError> {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let known = newest.entry(launch.deployment.clone()).or_insert(launch.generation);
        if *known > launch.generation {
            return Err(TargetError::Outdated { given: launch.generation, known: *known });
        }
        *known = launch.generation;
        Ok(())
    }

    /// Lets go of what is known of a deployment beside its replicas.
    pub(super) fn forget_deployment(&self, deployment: &DeploymentId) {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).remove(deployment);
    }
}
