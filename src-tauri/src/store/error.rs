//! Failures of the store.

use std::path::PathBuf;

use domain::id::Seq;
use rusqlite::ErrorCode;

/// Failures of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No room is left on the disk; nothing was changed.
    #[error("the disk with the data directory is full, so nothing was changed. Free some space and try again")]
    Full,
    /// Another program holds the database; nothing was changed.
    #[error("another program keeps the database locked, so nothing was changed. Let it finish and try again")]
    Locked,
    /// The system does not let the database be written; nothing was changed.
    #[error(
        "the database cannot be read or written, so nothing was changed ({0}). Check the disk with the data directory"
    )]
    NotWritten(rusqlite::Error),
    /// A later version of the program wrote the database.
    #[error(
        "the database has schema {found}, this program knows {known}: a later version wrote it. Start that version, or choose another data directory"
    )]
    FromTheFuture {
        /// The schema of the database.
        found: i64,
        /// The newest schema that this program knows.
        known: i64,
    },
    /// Entries that had reached the disk are not there any more, and what was made from them neither.
    #[error(
        "entries of the history are missing: the database ends at entry {found}, and {} says that entry {written} was safely \
         written. Perhaps a file is missing, above all changeover.db-wal, or an older copy was put back. \
         Put the missing file back, or restore a backup with `changeover restore`. \
         To go on from entry {found} all the same, run `changeover repair --accept-loss`",
        note.display()
    )]
    Behind {
        /// The last entry in the database.
        found: Seq,
        /// The last entry that had been written.
        written: Seq,
        /// The file that says so.
        note: PathBuf,
    },
    /// The file with the sealed head cannot be understood.
    #[error(
        "{} is damaged, so it cannot be told whether entries of the history are missing: {problem}. \
         To go on from the entries that are there, run `changeover repair --accept-loss`",
        path.display()
    )]
    Head {
        /// The file.
        path: PathBuf,
        /// The problem with the file.
        problem: String,
    },
    /// Rows cannot be read, and the journal that they are made from cannot either.
    #[error(
        "the table {table} cannot be read, and it cannot be made again because the history is damaged too: {problem}. \
         Restore a backup with `changeover restore`"
    )]
    BeyondRepair {
        /// The table.
        table: &'static str,
        /// The problem with the journal.
        problem: String,
    },
    /// SQLite refused.
    #[error("the database cannot be used: {0}")]
    Sqlite(rusqlite::Error),
    /// Committed entries cannot be brought to the disk.
    #[error("the database's log cannot be written to the disk: {0}")]
    Log(std::io::Error),
    /// A file beside the database cannot be used.
    #[error("{} cannot be used: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// A reader could not be had.
    #[error("every connection to the database was busy: {0}")]
    Pool(#[from] r2d2::Error),
    /// No secret can be made.
    #[error("the system gives no random numbers, so no secret can be made; nothing was changed: {0}")]
    NoRandomNumbers(getrandom::Error),
    /// A row does not hold what it should.
    #[error(
        "the table {table} holds a row that cannot be read: {problem}. `changeover repair` makes it again from the history"
    )]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The problem with the row.
        problem: String,
    },
}

impl StoreError {
    /// True for failures of writing alone, which end when something outside changes.
    pub fn only_stops_writing(&self) -> bool {
        matches!(self, Self::Full | Self::Locked | Self::NotWritten(_) | Self::Log(_))
    }

    pub(crate) fn corrupt(table: &'static str, problem: impl ToString) -> Self {
        Self::Corrupt { table, problem: problem.to_string() }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            Some(ErrorCode::ReadOnly | ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => Self::NotWritten(error),
            _ => Self::Sqlite(error),
        }
    }
}
