//! Closes the seconds of all deployments, and hands them to whoever keeps them. Nobody waits for that.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use domain::id::{DeploymentId, RevisionNumber};
use domain::metrics::{Gauge, RequestSum};
use tokio::sync::mpsc;

use super::deployment::Deployment;

/// What was counted within a second.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClosedSecond {
    /// Seconds since 1970 at which it ended; never before that of an earlier one. Two of the same time are parts of one.
    pub at: i64,
    /// Requests that ended in it, by deployment and by the revision that answered; failures that no replica saw have none.
    /// Those without requests are not there.
    pub requests: Vec<(DeploymentId, Option<RevisionNumber>, RequestSum)>,
    /// What is seen of deployments at its end, where that has changed since the last that was taken.
    pub gauges: Vec<(DeploymentId, Gauge)>,
}

/// The seconds of all deployments.
pub(super) struct Seconds {
    taken_by: Option<mpsc::Sender<ClosedSecond>>,
    closed: AtomicI64,
    /// Some could not be handed over: what has changed in them is told again.
    lost: AtomicBool,
    /// Deployments that were withdrawn since the last second.
    left: Mutex<Vec<Arc<Deployment>>>,
}

impl Seconds {
    pub(super) fn taken_by(taken_by: Option<mpsc::Sender<ClosedSecond>>) -> Self {
        Self { taken_by, closed: AtomicI64::new(0), lost: AtomicBool::new(false), left: Mutex::default() }
    }

    /// The end of the last second that was closed; 0 before the first.
    pub(super) fn closed(&self) -> i64 {
        self.closed.load(Relaxed)
    }

    /// A deployment is not among all any more; its last second is closed with the others'.
    pub(super) fn leaves(&self, deployment: &Arc<Deployment>) {
        self.left.lock().unwrap_or_else(PoisonError::into_inner).push(deployment.clone());
    }

    /// Closes the second that ends at `at`.
    pub(super) fn close<'a>(&self, all: impl Iterator<Item = &'a Arc<Deployment>>, at: i64) {
        // One at a time.
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let in_any_case = self.lost.swap(false, Relaxed);
        let mut second = ClosedSecond { at, ..ClosedSecond::default() };
        let mut add = |deployment: &Arc<Deployment>| {
            let closed = deployment.close_second(at, in_any_case);
            let id = deployment.id();
            second.requests.extend(closed.requests.into_iter().map(|(revision, sum)| (id.clone(), revision, sum)));
            second.gauges.extend(closed.gauge.map(|gauge| (id.clone(), gauge)));
        };
        all.for_each(&mut add);
        std::mem::take(&mut *left).iter().for_each(&mut add);
        self.closed.store(at, Relaxed);
        if let Some(taken_by) = &self.taken_by
            && taken_by.try_send(second).is_err()
        {
            if !in_any_case {
                tracing::warn!("what is counted of requests comes faster than it is kept; seconds of it are lost");
            }
            self.lost.store(true, Relaxed);
        }
    }
}
