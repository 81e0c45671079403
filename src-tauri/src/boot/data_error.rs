//! The faults for which a data directory cannot be used.

use std::io;
use std::path::PathBuf;

/// The faults for which a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// Another server uses it.
    #[error(
        "the data directory {folder} is in use by the server with pid {pid}. Stop that one, or choose another directory with --data"
    )]
    InUse {
        /// The directory.
        folder: PathBuf,
        /// The other server, as far as it is known.
        pid: String,
    },
    /// There are model files, and no database that knows them.
    #[error(
        "the data directory {folder} holds {found}, but its database is missing or empty. Nothing was changed. \
         Put {database} and, if there is one, {database}-wal back, or restore a backup: \
         `changeover --data NEW restore BACKUP`. To start afresh, choose another directory with --data, or move these files away",
        database = crate::store::DATABASE
    )]
    NoDatabase {
        /// The directory.
        folder: PathBuf,
        /// The file that is there.
        found: String,
    },
    /// Anybody on the machine could put other files there.
    #[error(
        "every user of this machine may write to the data directory {folder} (mode {mode:o}), and so take the place of its \
         files. Choose a folder inside it, or one of your own, with --data; or take the right away: chmod o-w {folder}"
    )]
    Open {
        /// The directory.
        folder: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// A file in it cannot be read or written.
    #[error("{path} cannot be used: {source}")]
    File {
        /// The path of the file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}
