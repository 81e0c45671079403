//! Requests at the inference URLs, as the gateway counts them.

use domain::id::{DeploymentId, ReplicaId, RolloutNumber};
use domain::wire::{MetricsPoint, Receipt, Traffic};

/// The counts of the gateway.
pub trait LiveRequests: Send + Sync + 'static {
    /// A deployment's recent requests.
    fn traffic(&self, deployment: &DeploymentId) -> Traffic;

    /// One point for each of the last `window_seconds` seconds that had requests, oldest first.
    fn metrics(&self, deployment: &DeploymentId, window_seconds: u32) -> Vec<MetricsPoint>;

    /// Requests that a replica is answering.
    fn in_flight(&self, deployment: &DeploymentId, replica: &ReplicaId) -> u32;

    /// A rollout's receipt including what was counted since it was last recorded.
    fn receipt(&self, deployment: &DeploymentId, rollout: RolloutNumber, recorded: &Receipt) -> Receipt;

    /// A deployment's requests since this server started, as a whole and by revision.
    fn counts(&self, deployment: &DeploymentId) -> Receipt;
}
