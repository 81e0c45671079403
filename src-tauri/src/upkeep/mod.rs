//! Backup and restore of a data directory.
//!
//! Both work on the files themselves, so that they need no server. A backup may be made while one runs: the database is
//! copied at one moment, and an artifact is never changed once it is there.

mod backup;
mod files;
mod restore;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use domain::chain::Link;
use serde::{Deserialize, Serialize};

use crate::store::StoreError;
pub use backup::backup;
pub use restore::restore;

/// Failures of a backup or a restore.
#[derive(Debug, thiserror::Error)]
pub enum UpkeepError {
    /// There is nothing to copy.
    #[error("{} holds no Changeover database, or an empty one; name the data directory with --data", .0.display())]
    Nothing(PathBuf),
    /// Something is there already.
    #[error("{} is not empty; name a folder that is empty or not there yet", .0.display())]
    NotEmpty(PathBuf),
    /// The folder is no backup, or one that was not finished.
    #[error("{} is no whole backup: {problem}", folder.display())]
    NoBackup {
        /// The folder.
        folder: PathBuf,
        /// The problem with the folder.
        problem: String,
    },
    /// A model file is not there or not what its digest says.
    #[error("the model file {digest} is {problem}, so the version that uses it could not be served")]
    Artifact {
        /// The digest of the file.
        digest: String,
        /// The problem with the file.
        problem: &'static str,
    },
    /// The copied database is not as it was written.
    #[error("the backup was made, but the database in it is damaged: {0}")]
    Damaged(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file or folder.
    #[error("{} cannot be used: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
}

/// The contents of a backup; written last, so that a folder with them is whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// The place of the journal's last entry.
    pub head: Link,
    /// SHA-256 of the database.
    pub database: String,
    /// Digests of the model files.
    pub artifacts: Vec<String>,
}

/// The file that holds the contents.
const CONTENTS: &str = "backup.json";
/// Model files, in a data directory and in a backup.
const ARTIFACTS: &str = "artifacts/sha256";
/// Other files in a backup, where they are there: settings, and the token that clients of the API know.
const BESIDES: [&str; 2] = ["changeover.toml", "token"];
