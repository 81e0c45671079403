//! The numbers of a deployment, as the gateway has counted them since it started.

use domain::id::{DeploymentId, RevisionNumber};
use domain::metrics::{DurationCounts, RequestSum};
use domain::receipt::Receipt;
use domain::wire::Traffic;

use super::Gateway;

impl Gateway {
    /// Counts of deployment `id` since the gateway started, as one receipt; zeros for an unknown one. What
    /// happened during a rollout is [`receipt_between`] two of them.
    pub fn tally(&self, id: &DeploymentId) -> Receipt {
        self.deployment(id).map(|deployment| deployment.tally()).unwrap_or_default()
    }

    /// Sets `longest_drain_ms` of deployment `id` back to 0: called where a rollout begins, so that its
    /// receipt does not show a drain from before.
    pub fn clear_longest_drain(&self, id: &DeploymentId) {
        if let Some(deployment) = self.deployment(id) {
            deployment.clear_longest_drain();
        }
    }

    /// How long requests of deployment `id` took since the gateway started, by the revision that answered them; those that
    /// no replica saw have none. Counted are those that were answered or failed; revisions without any are left out.
    pub fn durations(&self, id: &DeploymentId) -> Vec<(Option<RevisionNumber>, DurationCounts)> {
        self.deployment(id).map(|deployment| deployment.durations()).unwrap_or_default()
    }

    /// The last hour of deployment `id`, summed up.
    pub fn traffic(&self, id: &DeploymentId) -> Traffic {
        let now = self.0.shared.seconds.closed();
        self.deployment(id).map(|deployment| deployment.meters.traffic(now)).unwrap_or_default()
    }

    /// Tells what an earlier gateway counted of deployment `id`, so that the last hour is whole: the seconds of its last
    /// minute, and numbers of requests of the last hour, each with the time at which it ended, oldest first. Nothing of an
    /// unknown one.
    pub fn recall(&self, id: &DeploymentId, minute: Vec<(i64, RequestSum)>, hour: Vec<(i64, u64)>) {
        if let Some(deployment) = self.deployment(id) {
            deployment.meters.recall(minute, hour);
        }
    }

    /// Tells what is left of the last hour of deployment `id` up to `until`, after some of it was cleared, as
    /// [`recall`](Self::recall). Nothing of an unknown one.
    pub fn recount(&self, id: &DeploymentId, until: i64, minute: Vec<(i64, RequestSum)>, hour: Vec<(i64, u64)>) {
        if let Some(deployment) = self.deployment(id) {
            deployment.meters.recount(until, minute, hour);
        }
    }

    /// Closes the running second before it is over: to be called after [`stop`](Self::stop), so that nothing is lost that was
    /// counted.
    pub fn close_second(&self) {
        self.0.shared.close_second();
    }
}
