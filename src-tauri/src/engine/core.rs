//! The parts that every pass works with.

use std::sync::Arc;

use domain::id::{Actor, DeploymentId, ReplicaId};
use tokio::sync::broadcast;

use super::autoscaler::Autoscaler;
use super::open_receipts::OpenReceipts;
use super::routing::Routing;
use super::skips::Skips;
use super::turns::Turns;
use super::unrecorded::Unrecorded;
use crate::clock::Clock;
use crate::store::Store;
use crate::targets::Targets;

/// The id of a replica that nobody had before.
pub(super) type NewReplica = dyn Fn() -> ReplicaId + Send + Sync;

/// Everything that a reconcile pass works with.
pub(super) struct Core {
    pub(super) store: Arc<Store>,
    pub(super) targets: Arc<Targets>,
    pub(super) routing: Arc<dyn Routing>,
    pub(super) clock: Clock,
    pub(super) skips: Skips,
    pub(super) actor: Actor,
    pub(super) receipts: OpenReceipts,
    pub(super) autoscaler: Autoscaler,
    pub(super) unrecorded: Unrecorded,
    pub(super) turns: Turns,
    pub(super) new_replica: Box<NewReplica>,
    /// Deployments of which something else is wanted than what a replica is being given.
    pub(super) broken_off: broadcast::Sender<DeploymentId>,
}
