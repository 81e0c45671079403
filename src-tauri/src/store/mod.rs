//! SQLite: one writer, pooled readers, and a journal from which every table can be made again.
//!
//! Flow: a command or the engine opens a [`Writing`], checks what it must against the same transaction,
//! and appends events. Each event is entered in the journal and applied to the tables at once; all of it
//! commits together or not at all. After the commit the entries are published.
//!
//! Guarantees: nothing but [`Writing::append`] changes a table that the journal covers, so the journal,
//! folded from the start, gives the rows in the tables. A killed process loses no committed transaction;
//! a power cut may lose the last moments but leaves a consistent state (WAL, `synchronous=NORMAL`).
//!
//! Errors: a full disk is [`StoreError::Full`], a database made by a later version [`StoreError::FromTheFuture`].

mod schema;
pub mod tables;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::event::{Entry, Event};
use domain::id::{Actor, DeploymentId, Seq};
use jiff::Timestamp;
use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::events::{Events, Recorded};

/// Why the store could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No room is left on the disk; nothing was changed.
    #[error("the disk that holds the data directory is full; nothing was changed. Make room and try again")]
    Full,
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
    /// SQLite refused.
    #[error("the database cannot be used: {0}")]
    Sqlite(rusqlite::Error),
    /// What was committed cannot be brought to the disk.
    #[error("the database's log cannot be written to the disk: {0}")]
    Log(std::io::Error),
    /// A reader could not be had.
    #[error("no connection to the database was free in time: {0}")]
    Pool(#[from] r2d2::Error),
    /// No secret can be made.
    #[error("the system gives no random numbers, so no secret can be made; nothing was changed: {0}")]
    NoRandomNumbers(getrandom::Error),
    /// A row does not hold what it should.
    #[error("the database holds something unreadable in {table}: {source}")]
    Corrupt {
        /// Where.
        table: &'static str,
        /// What.
        source: serde_json::Error,
    },
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            _ => Self::Sqlite(error),
        }
    }
}

/// The database of one data directory.
#[derive(Debug)]
pub struct Store {
    writer: Mutex<Connection>,
    readers: r2d2::Pool<SqliteConnectionManager>,
    events: Events,
}

/// A view of the tables at one moment.
pub struct Reading<'a>(&'a Connection);

/// A transaction that may change things.
pub struct Writing<'a> {
    tx: Transaction<'a>,
    actor: Actor,
    now: Timestamp,
    appended: Vec<Recorded>,
}

const READERS: u32 = 8;
const BUSY: Duration = Duration::from_secs(10);

impl Store {
    /// Opens or makes `dir/changeover.db` and brings it to the current schema.
    ///
    /// # Errors
    /// The disk is full, the file is no database or comes from a later version.
    pub fn open(dir: &Path, events: Events) -> Result<Self, StoreError> {
        let path = dir.join("changeover.db");
        let mut writer = Connection::open(&path)?;
        writer.busy_timeout(BUSY)?;
        writer.pragma_update(None, "journal_mode", "WAL")?;
        writer.pragma_update(None, "synchronous", "NORMAL")?;
        writer.pragma_update(None, "foreign_keys", true)?;
        schema::migrate(&mut writer)?;
        Ok(Self { writer: Mutex::new(writer), readers: Self::readers(path)?, events })
    }

    fn readers(path: PathBuf) -> Result<r2d2::Pool<SqliteConnectionManager>, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let manager = SqliteConnectionManager::file(path).with_flags(flags).with_init(|c| c.busy_timeout(BUSY));
        Ok(r2d2::Pool::builder().max_size(READERS).min_idle(Some(1)).connection_timeout(BUSY).build(manager)?)
    }

    /// Where committed entries are published.
    pub fn events(&self) -> &Events {
        &self.events
    }

    /// Reads at one moment. Blocks for as long as SQLite needs.
    ///
    /// # Errors
    /// Those of `read`, and those of SQLite.
    pub fn read<T, E: From<StoreError>>(&self, read: impl FnOnce(&Reading<'_>) -> Result<T, E>) -> Result<T, E> {
        let mut connection = self.readers.get().map_err(StoreError::from)?;
        let tx = connection.transaction().map_err(StoreError::from)?;
        read(&Reading(&tx))
    }

    /// Runs `write` at `now`, but not before the newest entry, in one transaction on behalf of `actor` and publishes what it appended after the commit.
    /// Blocks for as long as SQLite needs; writers wait for each other.
    ///
    /// # Errors
    /// Those of `write`, and those of SQLite; nothing has changed then.
    pub fn write<T, E: From<StoreError>>(
        &self,
        actor: &Actor,
        now: Timestamp,
        write: impl FnOnce(&mut Writing<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.lock();
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
        // Whoever waited for the lock read the clock before those who had it.
        let now = tables::journal::newest_at(&tx)?.map_or(now, |newest| newest.max(now));
        let mut writing = Writing { tx, actor: actor.clone(), now, appended: Vec::new() };
        let answer = write(&mut writing)?;
        let Writing { tx, appended, .. } = writing;
        tx.commit().map_err(StoreError::from)?;
        // Still under the writer's lock, so that entries are published in their order.
        for recorded in appended {
            self.events.publish(recorded);
        }
        Ok(answer)
    }

    /// Brings what has been committed to the disk, so that no power cut takes it back. Blocks for as long as the disk needs.
    ///
    /// # Errors
    /// [`StoreError::Log`].
    pub fn sync(&self) -> Result<(), StoreError> {
        let Some(log) = self.lock().path().map(|path| format!("{path}-wal")) else { return Ok(()) };
        match std::fs::File::open(log).and_then(|log| log.sync_all()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StoreError::Log(error)),
            _ => Ok(()),
        }
    }

    /// Empties every table that the journal covers and fills it again from the journal.
    ///
    /// # Errors
    /// Those of SQLite, and an entry that cannot be read; nothing has changed then.
    pub fn rebuild(&self) -> Result<(), StoreError> {
        let mut connection = self.lock();
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        schema::rebuild(&tx)?;
        tx.commit()?;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic elsewhere rolled its transaction back; the connection itself is sound.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Writing<'_> {
    /// Enters `event` in the journal and applies it to the tables.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn append(&mut self, deployment: Option<&DeploymentId>, event: Event) -> Result<Seq, StoreError> {
        let recorded = tables::journal::append(&self.tx, &self.actor, self.now, deployment, event)?;
        tables::apply(&self.tx, &recorded.entry)?;
        let seq = recorded.entry.seq;
        self.appended.push(recorded);
        Ok(seq)
    }

    /// The tables as this transaction sees them.
    pub fn reading(&self) -> Reading<'_> {
        Reading(&self.tx)
    }

    /// The time of this transaction.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// On whose behalf it is.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The last entry that was appended here.
    pub fn last(&self) -> Option<&Entry> {
        self.appended.last().map(|recorded| &recorded.entry)
    }
}
