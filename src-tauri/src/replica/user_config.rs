//! Gives a running replica a new `user_config` (RAY-4).
//!
//! Guarantees: one at a time; one that is refused changes nothing; requests that begin after it was taken are
//! answered with it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use domain::built_in::BuiltInConfig;
use domain::id::RevisionNumber;
use serde::Deserialize;
use serde_json::Value;

use super::command::{ReconfigureRoute, Unanswered};
use super::model::Tuning;
use super::protocol::ServedModel;
use super::serving::Tuned;

/// A new `user_config`, and the revision that it is of.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Given {
    revision: RevisionNumber,
    user_config: Value,
}

/// The part of a replica that takes a new `user_config`.
pub(super) enum ConfigSink {
    /// The built-in runtime, once it serves.
    BuiltIn(Arc<OnceLock<Arc<ServedModel<Tuned>>>>),
    /// The program of the command runtime, where it has a route for it.
    Program(Option<ReconfigureRoute>),
}

/// The reason why the `user_config` was not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotTaken {
    #[error("{0}")]
    Refused(String),
    #[error("it is starting, and takes a user_config once it serves")]
    Starting,
    #[error("the program has no route for it: name one in routes.reconfigure")]
    NoRoute,
    #[error("{0}")]
    Program(#[from] Unanswered),
}

/// The `user_config` that this replica was last given.
pub(super) struct UserConfig {
    sink: ConfigSink,
    revision: AtomicU32,
    turn: tokio::sync::Mutex<()>,
}

impl UserConfig {
    /// The `user_config` that came with the start of `revision`.
    pub(super) fn new(revision: RevisionNumber, sink: ConfigSink) -> Self {
        Self { sink, revision: AtomicU32::new(revision.0), turn: tokio::sync::Mutex::default() }
    }

    /// The revision whose `user_config` was last given.
    pub(super) fn revision(&self) -> RevisionNumber {
        RevisionNumber(self.revision.load(Ordering::Acquire))
    }

    /// Hands a new `user_config` to its sink.
    pub(super) async fn give(&self, given: &Given) -> Result<(), NotTaken> {
        let _turn = self.turn.lock().await;
        match &self.sink {
            ConfigSink::BuiltIn(served) => {
                let served = served.get().ok_or(NotTaken::Starting)?;
                let config = BuiltInConfig::read(&given.user_config).map_err(NotTaken::Refused)?;
                let tuned = &served.model;
                tuned.tune(Tuning::of(&tuned.model, &config).map_err(NotTaken::Refused)?);
            }
            ConfigSink::Program(None) => return Err(NotTaken::NoRoute),
            ConfigSink::Program(Some(route)) => route.give(&given.user_config).await?,
        }
        self.revision.store(given.revision.0, Ordering::Release);
        Ok(())
    }
}
