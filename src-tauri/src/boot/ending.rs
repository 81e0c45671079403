//! The end of the server: announced, in order, and at once when it is told twice.
//!
//! Flow: told to end → `/readyz` says 503 for as long as the settings say, while requests are still taken → no new
//! requests, those under way finish, for as long as the longest drain that a deployment allows unless the settings say
//! otherwise → replicas end.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::BootError;
use super::data;
use crate::store::{Store, StoreError};

/// The shortest time that requests get to finish where the settings do not say it.
const SHORTEST: Duration = Duration::from_secs(10);

/// What the server was told about its end.
#[derive(Clone, Default)]
pub(super) struct Told {
    /// It is to end.
    pub(super) once: CancellationToken,
    /// It is to end at once.
    pub(super) twice: CancellationToken,
}

impl Told {
    /// Listens to SIGTERM and Ctrl-C from now on.
    ///
    /// # Errors
    /// The system refuses to tell of signals.
    pub(super) fn by_signals() -> Result<Self, BootError> {
        let told = Self::default();
        let mut signals = data::signals()?;
        let listening = told.clone();
        tokio::spawn(async move {
            for token in [listening.once, listening.twice] {
                signals.next().await;
                token.cancel();
            }
        });
        Ok(told)
    }
}

#[cfg(feature = "desktop")]
impl Told {
    /// What is heard once the window is closed, which is how it is told the first time: the next signal ends it at once.
    pub(super) fn after_closing(self) -> Self {
        let (once, twice) = (self.once.clone(), self.twice.clone());
        if once.is_cancelled() { self } else { Self { twice: once, once: twice } }
    }
}

/// How long requests under way may take to finish: the longest drain of any configuration that is in use or that a
/// replica runs.
///
/// # Errors
/// Those of the store.
pub(super) fn longest_drain(store: &Store) -> Result<Duration, StoreError> {
    store.read(|reading| {
        let mut longest = SHORTEST;
        for row in reading.deployments()? {
            let running = reading.replicas(&row.id)?.into_iter().map(|replica| replica.revision);
            for number in running.chain([row.shown_revision()]) {
                let Some(revision) = reading.revision(&row.id, number)? else { continue };
                let found = reading.configuration(&revision.configuration)?;
                let drain = found.map(|found| found.configuration.drain_limit_ms()).unwrap_or_default();
                longest = longest.max(Duration::from_millis(drain.into()));
            }
        }
        Ok(longest)
    })
}
