//! Replicas and packages, as the targets see them.

use std::io;
use std::path::Path;

use domain::id::{Digest, ReplicaId};
use domain::model::Tried;
use domain::replica::ReplicaRecord;
use domain::resources::Usage;

use crate::commands::Machines;

/// The sight and the actions of the targets.
pub trait LiveTargets: Machines + 'static {
    /// These replicas as last seen, also where that is not recorded.
    fn seen(&self, recorded: Vec<ReplicaRecord>) -> Vec<ReplicaRecord>;

    /// The work of a replica before it is ready, in a few words.
    fn doing(&self, replica: &ReplicaId) -> Option<String>;

    /// What these replicas take of their machines. Looks at their processes.
    fn usage(&self, replicas: &[ReplicaId]) -> Vec<(ReplicaId, Usage)>;

    /// Removes what replicas made of an artifact that no version has any more. Removes files.
    ///
    /// # Errors
    /// The system's error when it cannot be removed.
    fn forget_package(&self, digest: &Digest) -> io::Result<()>;

    /// The outcome of loading the ONNX file at `path` once with the built-in runtime, with what belongs to it in its
    /// folder; `size` is that of the whole package in bytes. Starts a process and waits for it, within bounds.
    fn first_load(&self, path: &Path, size: u64) -> Tried;
}
