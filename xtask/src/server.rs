//! Builds the server, and the window around it.

use anyhow::Result;

use crate::paths::Paths;
use crate::program;

/// How much the compiler optimises: `Dev` builds fast, `Release` runs fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// For tests.
    Dev,
    /// For people.
    Release,
}

impl Profile {
    /// The folder below `target/` that cargo puts programs of this profile in.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}
