//! Takes over replicas that a server before this one left running, and ends strays.
//!
//! A process is ours when its command line names this data directory, its pid and start time are those
//! recorded (or nothing was recorded because that server was killed in between), and the replica itself
//! answers with the same id on its control socket. One that was given a later `user_config` than the journal tells of
//! is given the one before again.

use std::sync::Arc;
use std::time::Duration;

use domain::configuration::Runtime;
use domain::replica::{Handle, Observed, Process, ReplicaRecord};
use tokio::sync::Notify;

use super::control::{self, ToldIdentity};
use super::process::{self, Life};
use super::tracked::{Shared, Tracked};
use super::watch;
use crate::peer::Peer;
use crate::targets::{KnownReplica, Launch, TargetError};

/// The longest wait for a replica to say who it is; one that just starts needs a moment.
const PATIENCE: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(20);

pub(super) async fn adopt(shared: &Arc<Shared>, known: Vec<KnownReplica>) -> Result<(), TargetError> {
    let mut running = process::replicas_of(&shared.paths.instance).map_err(|error| TargetError::System {
        what: "running processes cannot be listed".to_owned(),
        source: std::io::Error::other(error),
    })?;
    let mut adopting = tokio::task::JoinSet::new();
    for KnownReplica { launch, record } in known {
        let recorded = record.handle.as_ref().and_then(Handle::process);
        let candidates = running.remove(&launch.replica).unwrap_or_default();
        let (ours, strangers): (Vec<_>, Vec<_>) =
            candidates.into_iter().partition(|process| recorded.is_none_or(|known| known == *process));
        // Started again by a server that was killed before it could record the new process.
        let (ours, strangers) = if ours.is_empty() { (strangers, ours) } else { (ours, strangers) };
        for process in strangers.into_iter().chain(ours.iter().skip(1).copied()) {
            process::kill(process);
        }
        if let Some(process) = ours.first().copied() {
            adopting.spawn(adopt_one(shared.clone(), launch, record, process));
        }
    }
    for (id, strays) in running {
        tracing::warn!(replica = %id, "a replica process that belongs to no deployment is ended");
        strays.into_iter().for_each(process::kill);
        shared.paths.remove(&id);
    }
    while let Some(adopted) = adopting.join_next().await {
        // One that is left out would be started a second time.
        adopted.map_err(|error| TargetError::System {
            what: "a running replica cannot be taken over".to_owned(),
            source: std::io::Error::other(error),
        })?;
    }
    Ok(())
}

async fn adopt_one(shared: Arc<Shared>, launch: Launch, record: ReplicaRecord, process: Process) {
    let id = launch.replica.clone();
    let address = record.address.clone().or_else(|| {
        let unix = matches!(launch.configuration.runtime, Runtime::Onnx | Runtime::External);
        unix.then(|| domain::replica::Address::Unix(shared.paths.socket(&id)))
    });
    let identity = match identity(&shared, &launch, process).await {
        Some(identity) if knows_more(&identity, &record) && !take_back(&shared, &launch).await => None,
        identity => identity,
    };
    let doubted = Arc::new(Notify::new());
    let address = match (identity, address) {
        (Some(identity), Some(address)) => {
            tracing::info!(replica = %id, pid = identity.pid, "a running replica is adopted");
            shared.ports.adopt(&id, &address);
            let tracked = Tracked {
                deployment: launch.deployment.clone(),
                process,
                address: address.clone(),
                observed: Observed::Starting { since: record.started_at },
                problem: None,
                lasting: false,
                doing: None,
                stopping: false,
                doubted: doubted.clone(),
            };
            shared.tracked().insert(id.clone(), tracked);
            address
        }
        _ => {
            tracing::warn!(
                replica = %id,
                pid = process.pid,
                "a process with a replica's command line does not identify itself as that replica, and is ended"
            );
            process::kill(process);
            return;
        }
    };
    let watched = watch::Watched {
        id: id.clone(),
        deployment: launch.deployment,
        process,
        control: shared.paths.control(&id),
        peer: Peer::new(address, Some(Handle::Process(process))),
        liveness: launch.configuration.liveness,
        resources: launch.configuration.resources,
        started_at: record.started_at,
        proven: record.observed.is_ready(),
        doubted,
    };
    let timeout = Duration::from_secs(launch.configuration.liveness.timeout_seconds.into());
    // Known to be ready before the engine looks for the first time, so that none is replaced needlessly.
    if watched.look(timeout).await.is_ok() {
        let since = match record.observed {
            Observed::Ready { since } => since,
            _ => shared.settings.clock.now(),
        };
        shared.saw(&id, process, Observed::Ready { since }, None);
    }
    watch::spawn(shared, watched, Life::Adopted(process));
}

/// True when the replica was given a `user_config` that the journal has no word of, as after a power cut that lost it.
fn knows_more(identity: &ToldIdentity, record: &ReplicaRecord) -> bool {
    record.delivery.is_none() && identity.revision > record.revision
}

/// Gives a replica the `user_config` that it is meant to have; false when the replica does not take it.
async fn take_back(shared: &Shared, launch: &Launch) -> bool {
    let given = control::Given { revision: launch.revision, user_config: &launch.configuration.user_config };
    control::configure(&shared.paths.control(&launch.replica), &given, PATIENCE).await.is_ok()
}

async fn identity(shared: &Shared, launch: &Launch, process: Process) -> Option<ToldIdentity> {
    let control = shared.paths.control(&launch.replica);
    let ask = async {
        loop {
            match control::identity(&control, PATIENCE).await {
                Ok(identity) => break Some(identity),
                Err(_) if process::is_alive(process) => tokio::time::sleep(LOOK).await,
                Err(_) => break None,
            }
        }
    };
    let identity = tokio::time::timeout(PATIENCE, ask).await.ok().flatten()?;
    let fits = identity.id == launch.replica.as_str()
        && identity.instance == shared.paths.instance
        && identity.pid == process.pid;
    fits.then_some(identity)
}
