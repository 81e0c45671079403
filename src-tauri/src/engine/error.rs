//! Errors of a pass.

use domain::id::{ModelRef, ReplicaId, RevisionNumber};
use domain::rollout::NotPossible;

use crate::store::StoreError;
use crate::targets::TargetError;

/// The reason why a reconcile pass could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The target refused.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// A pass came upon something that it takes for impossible.
    #[error("the pass broke off: this is a defect of the program")]
    Panicked,
    /// Somebody has asked for something else since the pass has read its rows; what it has decided is void.
    #[error("something else was asked for meanwhile")]
    Overtaken,
    /// A rollout was to do something its phase has no place for.
    #[error(transparent)]
    NotPossible(#[from] NotPossible),
    /// The plan names a replica that is not recorded.
    #[error("replica {0} is planned for, but not recorded")]
    NoSuchReplica(ReplicaId),
    /// A revision has no configuration.
    #[error("revision {0} has no configuration")]
    NoConfiguration(RevisionNumber),
    /// A configuration binds a model that is not registered.
    #[error("model {0} is not registered")]
    NoModel(ModelRef),
}
