//! The end of the server: announced, in order, and at once when it is told twice.
//!
//! Flow: told to end → `/readyz` says 503 for as long as the settings say, while requests are still taken → no new
//! requests, those under way finish, for as long as the longest drain that a deployment allows unless the settings say
//! otherwise → replicas end.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{BootError, Server, data};
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

impl Server {
    /// Says that it is about to end, for as long as the settings say: `/readyz` answers 503, and requests are still taken.
    pub(super) async fn announce_end(&self, told: &Told) {
        let notice = Duration::from_secs(self.settings.shutdown.notice_seconds);
        self.leaving.cancel();
        if notice.is_zero() {
            return;
        }
        tracing::info!(seconds = notice.as_secs(), "told to end; /readyz says so, and requests are still taken");
        tokio::select! {
            () = tokio::time::sleep(notice) => {}
            () = told.twice.cancelled() => {}
        }
    }

    /// Takes everything down: no new requests, running ones finish, replicas end. Told twice, it waits for nothing more.
    pub(super) async fn stop(self, told: &Told) {
        self.ending.cancel();
        let (engine, checks) = (self.engine, self.checks);
        // A pass that is under way is finished; what it leaves is found again at the next start.
        tokio::select! {
            _ = async { tokio::join!(engine, checks) } => {}
            () = told.twice.cancelled() => {}
        }
        let said = self.settings.shutdown.drain_seconds.map(Duration::from_secs);
        let grace = said.map_or_else(|| longest_drain(&self.api.store), Ok).unwrap_or_else(|error| {
            tracing::warn!(%error, "it is not known how long requests may take; they get a minute");
            Duration::from_secs(60)
        });
        tracing::info!(seconds = grace.as_secs_f64(), "no new requests are taken; those under way may finish");
        let cut = tokio::select! {
            cut = self.gateway.stop(grace) => cut,
            () = told.twice.cancelled() => self.gateway.stop(Duration::ZERO).await,
        };
        match cut {
            0 => tracing::info!("every request was answered"),
            cut => tracing::warn!(
                requests = cut,
                seconds = grace.as_secs_f64(),
                "requests were cut: they were not answered in time"
            ),
        }
        tokio::select! {
            () = self.target.stop_all() => {}
            () = told.twice.cancelled() => tracing::warn!("told to end twice; replicas were told to end and are not waited for"),
        }
        self.logs.abort();
        let _ = self.sealing.await;
        if let Err(error) = close(self.store).await {
            tracing::warn!(%error, "changeover.db is not complete without changeover.db-wal");
        }
        drop(self.lock);
    }
}

/// Leaves a database that is whole in one file.
async fn close(store: Arc<Store>) -> Result<(), StoreError> {
    let closed = tokio::task::spawn_blocking(move || store.seal().and_then(|()| store.checkpoint().map(drop)));
    closed.await.unwrap_or(Ok(()))
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
