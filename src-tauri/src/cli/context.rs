//! The server, the terminal, and how answers are shown and waited for: every command works with these.

use std::time::Duration;

use serde::de::DeserializeOwned;

use super::client::{Client, ServerAnswer};
use super::error::CliError;
use super::io::Io;

/// The context of every command.
pub(super) struct Context {
    /// The server.
    pub(super) client: Client,
    /// The terminal.
    pub(super) io: Io,
    /// Show answers as they came.
    pub(super) json: bool,
    /// The pace of waiting.
    pub(super) pace: Pace,
}

impl Context {
    /// Shows an answer: as it came with `--json`, else by `show`.
    pub(super) fn answer<T: DeserializeOwned>(
        &mut self,
        answer: &ServerAnswer,
        show: impl FnOnce(&mut Io, T) -> std::io::Result<()>,
    ) -> Result<(), CliError> {
        if self.json {
            self.io.raw(&answer.body)?;
        } else {
            show(&mut self.io, answer.read()?)?;
        }
        Ok(())
    }
}

/// The pause between two looks, and the time that a server may be away.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Time between two looks.
    pub(super) poll: Duration,
    /// The time that the server may stay without an answer.
    pub(super) patience: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { poll: Duration::from_millis(250), patience: Duration::from_secs(60) }
    }
}
