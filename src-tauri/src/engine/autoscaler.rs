//! The autoscaler's memory: what the next sample of a deployment's load is compared with.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::autoscaling::{Load, Trend};
use domain::configuration::Autoscaling;
use domain::id::DeploymentId;
use jiff::{SignedDuration, Timestamp};

/// The outcome of a sample of the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sampled {
    /// Autoscaling does not apply any more.
    Over,
    /// The number of replicas stays; the time of the next sample.
    At(Timestamp),
    /// The number of replicas may have to change: a reconcile pass is due.
    Pass,
}

/// The settings that samples are judged by, the trend that they agree on, and the time of the next sample.
#[derive(Clone)]
pub(super) struct Watch {
    pub(super) settings: Autoscaling,
    pub(super) max_concurrent_requests: u32,
    pub(super) current: u32,
    pub(super) trend: Trend,
    pub(super) due: Timestamp,
    /// The load up to the sample that asked for a reconcile pass, so that the pass decides by the same sample.
    pub(super) asked: Option<Load>,
}

/// One watch for each deployment with autoscaling. Forgotten with the process, so that a server that was killed waits
/// out a delay again.
#[derive(Default)]
pub(super) struct Autoscaler(Mutex<HashMap<DeploymentId, Watch>>);

impl Autoscaler {
    pub(super) fn watches(&self) -> MutexGuard<'_, HashMap<DeploymentId, Watch>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn forget(&self, id: &DeploymentId) {
        self.watches().remove(id);
    }

    /// Forgets what was asked of all: the load before a time that was skipped says nothing of the load now.
    pub(super) fn forget_all(&self) {
        self.watches().clear();
    }

    /// The time of the next sample.
    pub(super) fn due(&self, id: &DeploymentId) -> Option<Timestamp> {
        self.watches().get(id).map(|watch| watch.due)
    }
}

impl Watch {
    pub(super) fn next_look(&self, now: Timestamp) -> Timestamp {
        now + SignedDuration::from_secs(self.settings.refresh_seconds.into())
    }
}
