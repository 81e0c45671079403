//! What the lanes of the courier work with: the database, the other ends, and which of them rest.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::notice::wait;
use jiff::Timestamp;

use super::mail::Mailer;
use super::webhook::WebhookCaller;
use crate::clock::Clock;
use crate::store::Store;
use crate::store::tables::deliveries::Lane;

/// What every lane works with.
pub(super) struct Means {
    pub(super) store: Arc<Store>,
    pub(super) clock: Clock,
    pub(super) mail: Option<Mailer>,
    pub(super) webhooks: WebhookCaller,
    /// The URL at which people reach the interface.
    pub(super) base: String,
    /// Lanes whose other end cannot be reached, and until when they rest.
    pub(super) resting: Mutex<BTreeMap<Lane, Rest>>,
}

/// The rest of a lane whose other end cannot be reached.
#[derive(Clone, Debug)]
pub(super) struct Rest {
    /// The attempts in a row that were in vain.
    pub(super) failures: u32,
    /// The time of the next one.
    pub(super) until: Timestamp,
    /// The reason why it could not be reached.
    pub(super) why: String,
}

impl Means {
    /// The lanes that rest.
    pub(super) fn resting(&self) -> MutexGuard<'_, BTreeMap<Lane, Rest>> {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a lane rest for a while: longer, the more often its other end could not be reached.
    pub(super) fn rest(&self, lane: &Lane, why: String) {
        let mut resting = self.resting();
        let failures = resting.get(lane).map_or(1, |rest| rest.failures.saturating_add(1));
        let until = self.clock.now().checked_add(wait(failures)).unwrap_or(Timestamp::MAX);
        resting.insert(lane.clone(), Rest { failures, until, why });
    }
}
