//! Requests at the inference URLs, as the gateway counts them.

use std::io;

use domain::id::{DeploymentId, ReplicaId, RevisionNumber, RolloutNumber};
use domain::metrics::DurationCounts;
use domain::wire::{MetricsView, Receipt, Traffic};

/// The counts of the gateway.
pub trait LiveRequests: Send + Sync + 'static {
    /// A deployment's recent requests.
    fn traffic(&self, deployment: &DeploymentId) -> Traffic;

    /// What is kept of a deployment's requests of the last `window_seconds`, 1 to
    /// [`LONGEST_WINDOW`](domain::metrics::Grain::LONGEST_WINDOW), with revisions told apart or not. Reads files.
    ///
    /// # Errors
    /// It cannot be read.
    fn metrics(&self, deployment: &DeploymentId, window_seconds: u32, by_revision: bool) -> io::Result<MetricsView>;

    /// How long a deployment's requests took since this server started, by the revision that answered them; those that no
    /// replica saw have none. Revisions without requests are left out.
    fn durations(&self, deployment: &DeploymentId) -> Vec<(Option<RevisionNumber>, DurationCounts)>;

    /// Requests that a replica is answering.
    fn in_flight(&self, deployment: &DeploymentId, replica: &ReplicaId) -> u32;

    /// A rollout's receipt including what was counted since it was last recorded.
    fn receipt(&self, deployment: &DeploymentId, rollout: RolloutNumber, recorded: &Receipt) -> Receipt;

    /// A deployment's requests since this server started, as a whole and by revision.
    fn counts(&self, deployment: &DeploymentId) -> Receipt;
}
