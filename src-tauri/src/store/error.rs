//! Why the store could not do what it was asked to.

use std::path::PathBuf;

use domain::id::Seq;
use rusqlite::ErrorCode;

/// Why the store could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No room is left on the disk; nothing was changed.
    #[error("the disk that holds the data directory is full; nothing was changed. Make room and try again")]
    Full,
    /// Another program holds the database; nothing was changed.
    #[error("another program keeps the database locked; nothing was changed. Let it finish and try again")]
    Locked,
    /// The system does not let the database be written; nothing was changed.
    #[error("the database cannot be written; nothing was changed. Look at the disk that holds the data directory: {0}")]
    NotWritten(rusqlite::Error),
    /// A later version of the program wrote the database.
    #[error(
        "the database has schema {found}, this program knows {known}: a later version wrote it. Start that version, or choose another data directory"
    )]
    FromTheFuture {
        /// Its schema.
        found: i64,
        /// The newest one that is known here.
        known: i64,
    },
    /// Entries that had reached the disk are not there any more, and what was made from them neither.
    #[error(
        "the database ends at entry {found} of its journal, and {} says that entry {written} had been written: \
         a file is missing, above all changeover.db-wal, or an older copy was put back. \
         Put the missing file back, or restore a backup with `changeover restore`. \
         To go on from entry {found} all the same, run `changeover repair --accept-loss`",
        note.display()
    )]
    Behind {
        /// The last entry that is there.
        found: Seq,
        /// The last one that had been written.
        written: Seq,
        /// The file that says so.
        note: PathBuf,
    },
    /// Rows cannot be read, and the journal that they are made from cannot either.
    #[error(
        "the database holds something unreadable in {table}, and it cannot be made again, because the journal is damaged too: {problem}. \
         Restore a backup with `changeover restore`"
    )]
    BeyondRepair {
        /// Where.
        table: &'static str,
        /// What is wrong with the journal.
        problem: String,
    },
    /// SQLite refused.
    #[error("the database cannot be used: {0}")]
    Sqlite(rusqlite::Error),
    /// What was committed cannot be brought to the disk.
    #[error("the database's log cannot be written to the disk: {0}")]
    Log(std::io::Error),
    /// A file beside the database cannot be used.
    #[error("{} cannot be used: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A reader could not be had.
    #[error("no connection to the database was free in time: {0}")]
    Pool(#[from] r2d2::Error),
    /// No secret can be made.
    #[error("the system gives no random numbers, so no secret can be made; nothing was changed: {0}")]
    NoRandomNumbers(getrandom::Error),
    /// A row does not hold what it should.
    #[error(
        "the database holds something unreadable in {table}: {problem}. `changeover repair` makes it again from the journal"
    )]
    Corrupt {
        /// Where.
        table: &'static str,
        /// What.
        problem: String,
    },
}

impl StoreError {
    /// Whether only writing is impossible, for as long as something outside stays as it is.
    pub fn only_stops_writing(&self) -> bool {
        matches!(self, Self::Full | Self::Locked | Self::NotWritten(_) | Self::Log(_))
    }

    pub(super) fn corrupt(table: &'static str, problem: impl ToString) -> Self {
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
