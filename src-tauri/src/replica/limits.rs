//! Holds this replica to its limits (RAY-5), before it loads anything.
//!
//! Its control group, where the server made one, counts all processes of the replica together. Elsewhere memory is
//! limited by `RLIMIT_DATA`, which the program inherits: each process by itself. It counts what a process can write to
//! and shares with nobody, which is close to the memory that it really takes. `RLIMIT_AS` counts every address that
//! is reserved: the ONNX Runtime with a model of some kilobytes reserves ten times what it uses, and CUDA a thousand
//! times, so no limit that is meant would let it start.

use domain::id::ReplicaId;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::ReplicaError;
use super::log::say;
use super::work::Confinement;

/// Says which limits nothing enforces, a sentence each.
pub(super) fn announce(id: &ReplicaId, not_enforced: &[String]) {
    if !not_enforced.is_empty() {
        say!("{id}: {}", not_enforced.join(" "));
    }
}

/// Takes the limits; what runs and what is started from now on is held to them.
pub(super) fn take(confinement: &Confinement) -> Result<(), ReplicaError> {
    if let Some(group) = &confinement.cgroup {
        std::fs::write(group.join("cgroup.procs"), "0")
            .map_err(ReplicaError::system("the replica cannot enter its control group"))?;
    }
    confinement.memory_limit.map_or(Ok(()), limit_memory)
}

/// Limits what this process can write to and shares with nobody.
pub(super) fn limit_memory(bytes: u64) -> Result<(), ReplicaError> {
    // A limit that was set before may only be lowered.
    let most = getrlimit(Resource::Data).maximum.map_or(bytes, |most| most.min(bytes));
    setrlimit(Resource::Data, Rlimit { current: Some(most), maximum: Some(most) })
        .map_err(|cause| ReplicaError::system("the replica's memory cannot be limited")(cause.into()))
}
