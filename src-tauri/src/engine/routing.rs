//! What the engine asks of the gateway.

use domain::configuration::Configuration;
use domain::event::Address;
use domain::event::Receipt;
use domain::id::RevisionNumber;
use domain::id::{DeploymentId, DeploymentName, ReplicaId};
use tokio::sync::broadcast;

/// A replica that may be given requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routed {
    /// Which one.
    pub id: ReplicaId,
    /// What it counts to.
    pub revision: RevisionNumber,
    /// Where it answers.
    pub address: Address,
}

/// The engine's side of the gateway. A fake one lets tests control what is in flight.
pub trait Routing: Send + Sync + 'static {
    /// Requests go to exactly these replicas from now on; one that is missing gets no new request once this returns.
    fn publish(&self, id: &DeploymentId, name: &DeploymentName, limits: &Configuration, replicas: Vec<Routed>);

    /// The name is unknown from now on.
    fn forget(&self, id: &DeploymentId);

    /// Requests that the replica is answering.
    fn in_flight(&self, replica: &ReplicaId) -> u32;

    /// What happened to requests since the gateway started.
    fn tally(&self, id: &DeploymentId) -> Receipt;

    /// What happened between two tallies.
    fn between(&self, before: &Receipt, after: &Receipt) -> Receipt;

    /// Lets the longest drain be measured anew.
    fn clear_longest_drain(&self, id: &DeploymentId);

    /// Announces the deployment of a draining replica that has no request left.
    fn drained(&self) -> broadcast::Receiver<DeploymentId>;
}
