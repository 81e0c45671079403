//! The errors of commands, each with its exit status.

use std::fmt::Display;

use bytes::Bytes;
use domain::wire::{ErrorCode, Problem};

use super::file::FileError;
use crate::config::ConfigError;

/// The errors of a command.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// The server said no.
    #[error("{}: {}", .problem.title, .problem.detail)]
    Refused {
        /// Its reasons.
        problem: Box<Problem>,
        /// The same, byte by byte.
        body: Bytes,
        /// A sentence that names the option by which the same command gets further, where there is one.
        way_on: Option<String>,
    },
    /// It was done, but it did not end well, or it cannot be done now.
    #[error("{0}")]
    Failed(String),
    /// A rollout that was waited for went back by itself.
    #[error("{0}")]
    Reverted(String),
    /// A rollout that was waited for is paused, which was to end the waiting.
    #[error("{0}")]
    Paused(String),
    /// The operation that was waited for goes on, and the time for it is over.
    #[error("{0}")]
    TimedOut(String),
    /// Ctrl-C while something was waited for.
    #[error("{0}")]
    Interrupted(String),
    /// The person said no.
    #[error("nothing was changed")]
    Declined,
    /// The command line cannot be followed.
    #[error("{0}")]
    Usage(String),
    /// Nobody answers, or somebody else does.
    #[error("{0}")]
    NoServer(String),
    /// The connection broke between question and answer.
    #[error("the connection to the server broke: {0}. Whether it did what was asked is shown by `changeover status`")]
    Broken(String),
    /// The answer is not of the form that this version knows.
    #[error("the server's answer cannot be read: {0}. Is it of another version than this program?")]
    ServerAnswer(#[from] serde_json::Error),
    /// The file given with `--file`.
    #[error(transparent)]
    File(#[from] FileError),
    /// The data directory or the settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The machine that the command runs on.
    #[error("{what}: {source}")]
    Local {
        /// The attempt, in a few words.
        what: &'static str,
        /// The system's error.
        source: std::io::Error,
    },
    /// The answer cannot be written.
    #[error("the output cannot be written: {0}")]
    Output(#[from] std::io::Error),
}

impl CliError {
    /// No server, for this reason, and the way out.
    pub(super) fn no_server(why: impl Display) -> Self {
        Self::NoServer(format!(
            "{why}. Start one with `changeover serve`, or name another one with --server URL and --token TOKEN"
        ))
    }

    /// The exit status of the program.
    pub(super) fn exit_status(&self) -> u8 {
        match self {
            // Who closed the pipe has read enough.
            Self::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe => 0,
            Self::Refused { .. } | Self::Failed(_) | Self::Declined | Self::Broken(_) | Self::ServerAnswer(_) => 1,
            Self::File(_) | Self::Local { .. } | Self::Output(_) | Self::Config(ConfigError::Unreadable { .. }) => 1,
            Self::Usage(_) | Self::Config(_) => 2,
            Self::NoServer(_) => 3,
            Self::Reverted(_) => 4,
            Self::Paused(_) => 5,
            Self::TimedOut(_) => 6,
            // As shells tell a program that was ended by SIGINT.
            Self::Interrupted(_) => 130,
        }
    }

    /// True when the same question may be answered a little later: by a server that is just being started again, or
    /// that has too much to do.
    pub(super) fn is_passing(&self) -> bool {
        use ErrorCode::{RequestTimeout, TooManyConnections, TooManyStreams};
        match self {
            Self::NoServer(_) | Self::Broken(_) => true,
            Self::Refused { problem, .. } => {
                matches!(problem.code, TooManyConnections | TooManyStreams | RequestTimeout)
            }
            _ => false,
        }
    }

    /// The same once it has not passed: no server but one that refuses.
    pub(super) fn lasting(self) -> Self {
        match self {
            Self::Broken(_) => Self::NoServer(self.to_string()),
            lasting => lasting,
        }
    }
}
