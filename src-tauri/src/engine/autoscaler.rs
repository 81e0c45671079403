//! The autoscaler's memory: what the next sample of a deployment's load is compared with.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::autoscaling::{Load, Trend};
use domain::configuration::Autoscaling;
use domain::id::DeploymentId;
use jiff::{SignedDuration, Timestamp};

/// What came of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sampled {
    /// Autoscaling does not apply any more.
    Over,
    /// The number stays; when to look again.
    At(Timestamp),
    /// It may have to change: a pass is due.
    Pass,
}

/// What a look goes by, what the looks have agreed on, and when the next one is due.
#[derive(Clone)]
pub(super) struct Watch {
    pub(super) settings: Autoscaling,
    pub(super) max_concurrent_requests: u32,
    pub(super) current: u32,
    pub(super) trend: Trend,
    pub(super) due: Timestamp,
    /// What was asked until the sample that asked for a pass: the look is the same one.
    pub(super) asked: Option<Load>,
}

/// One for each deployment with autoscaling. Forgotten with the process, so that a server that was killed waits out a
/// delay again.
#[derive(Default)]
pub(super) struct Autoscaler(Mutex<HashMap<DeploymentId, Watch>>);

impl Autoscaler {
    pub(super) fn watches(&self) -> MutexGuard<'_, HashMap<DeploymentId, Watch>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn forget(&self, id: &DeploymentId) {
        self.watches().remove(id);
    }

    /// When the next look is due.
    pub(super) fn due(&self, id: &DeploymentId) -> Option<Timestamp> {
        self.watches().get(id).map(|watch| watch.due)
    }
}

impl Watch {
    pub(super) fn next_look(&self, now: Timestamp) -> Timestamp {
        now + SignedDuration::from_secs(self.settings.refresh_seconds.into())
    }
}
