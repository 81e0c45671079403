//! SQLite: one writer, pooled readers, and a journal from which every table can be made again.
//!
//! Flow: a command or the engine opens a [`Writing`], checks what it must against the same transaction,
//! and appends events. Each event is entered in the journal and applied to the tables at once; all of it
//! commits together or not at all. After the commit the entries are published.
//!
//! Guarantees: nothing but [`Writing::append`] changes a table that the journal covers, so the journal,
//! folded from the start or from what was archived of it, gives the rows in the tables. A killed process loses no
//! committed transaction; a power cut may lose the last moments but leaves a consistent state (WAL, `synchronous=NORMAL`),
//! and nothing that [`Store::seal`] has made sure of. A database that has lost more is not opened.
//!
//! Errors: what only stops writing, as a full disk, is remembered until a write succeeds ([`Store::trouble`]). A row that
//! cannot be read is made again at the next opening; until then lists leave it out.

mod append;
mod archive;
mod error;
mod files;
mod head;
mod reading;
mod repair;
mod reserve;
mod schema;
pub mod tables;
#[cfg(test)]
mod tests;
pub mod transcript;
mod verify;
mod writing;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::chain::{Link, Verification};
use domain::id::{Actor, Seq};
use jiff::Timestamp;
use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::events::Events;
pub use archive::archive;
pub use error::StoreError;
use files::BUSY;
pub use files::{DATABASE, copy, end_sessions_and_links, holds_nothing, is_older, read_copy, replace};
pub use head::write as seal_head;
pub use reading::Reading;
pub use repair::{repair, upgrade_copy};
pub use verify::verify;
pub use writing::Writing;

/// The database of one data directory.
#[derive(Debug)]
pub struct Store {
    dir: PathBuf,
    writer: Mutex<Connection>,
    readers: r2d2::Pool<SqliteConnectionManager>,
    events: Events,
    /// The sealed head, as it stands in `head.json`.
    sealed: Mutex<Option<Link>>,
    /// The reason of the last failed write, where only writing fails.
    trouble: Mutex<Option<String>>,
    /// What is done with the entries of a transaction before it is committed.
    before_commit: BeforeCommit,
}

/// Work that belongs to every transaction that appends entries, and is committed with it.
pub type BeforeCommit = fn(&mut Writing<'_>) -> Result<(), StoreError>;

const READERS: u32 = 8;
/// The wait after one that was in vain.
const BUSY_STILL: Duration = Duration::from_millis(100);

impl Store {
    /// Opens or makes `dir/changeover.db` and brings it to the current schema. Rows that cannot be read are made again.
    ///
    /// # Errors
    /// The disk is full, the file is no database or comes from a later version, it has lost entries that had reached the
    /// disk, or it is damaged beyond repair.
    pub fn open(dir: &Path, events: Events) -> Result<Self, StoreError> {
        make_room(dir);
        let mut writer = repair::open(dir)?;
        let sealed = head::read(dir)?;
        if let Some(written) = sealed.as_ref().filter(|written| repair::is_behind(&writer, written)) {
            let found = tables::journal::head(&writer)?.seq;
            return Err(StoreError::Behind { found, written: written.seq, note: head::path(dir) });
        }
        schema::mend(&mut writer)?;
        Ok(Self {
            dir: dir.to_owned(),
            readers: Self::readers(dir.join(DATABASE))?,
            writer: Mutex::new(writer),
            events,
            sealed: Mutex::new(sealed),
            trouble: Mutex::default(),
            before_commit: |_| Ok(()),
        })
    }

    /// The store that does `work` with what each transaction appends.
    #[must_use]
    pub fn before_commit(self, work: BeforeCommit) -> Self {
        Self { before_commit: work, ..self }
    }

    fn readers(path: PathBuf) -> Result<r2d2::Pool<SqliteConnectionManager>, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let manager = SqliteConnectionManager::file(path).with_flags(flags).with_init(|c| c.busy_timeout(BUSY));
        Ok(r2d2::Pool::builder().max_size(READERS).min_idle(Some(1)).connection_timeout(BUSY).build(manager)?)
    }

    /// The channel on which committed entries are published.
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
        // Where it was waited for in vain, nobody stands in a queue for it.
        connection.busy_timeout(if self.trouble().is_some() { BUSY_STILL } else { BUSY }).map_err(StoreError::from)?;
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let tx = tx.map_err(|error| self.note(error))?;
        // Whoever waited for the lock read the clock before those who had it.
        let now = tables::journal::newest_at(&tx)?.map_or(now, |newest| newest.max(now));
        let mut writing =
            Writing { tx, actor: actor.clone(), now, appended: Vec::new(), notices: false, trouble: None };
        let answer = write(&mut writing).and_then(|answer| {
            if !writing.appended.is_empty() {
                (self.before_commit)(&mut writing).inspect_err(|error| writing.note_trouble(error))?;
            }
            Ok(answer)
        });
        let Writing { tx, appended, notices, trouble, .. } = writing;
        if trouble.is_some() {
            *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
        }
        let answer = answer?;
        tx.commit().map_err(|error| self.note(error))?;
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = None;
        // Still under the writer's lock, so that entries are published in their order.
        for recorded in appended {
            self.events.publish(recorded);
        }
        if notices {
            self.events.notices_changed();
        }
        Ok(answer)
    }

    fn note(&self, error: rusqlite::Error) -> StoreError {
        let error = StoreError::from(error);
        if error.only_stops_writing() {
            *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
        }
        error
    }

    /// The reason of the last failed write, in a sentence, where only writing fails; none once one has succeeded.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Tries whether writing is possible again, after it was not. Whoever writes just now finds out anyway.
    pub fn try_again(&self) {
        if self.trouble().is_none() {
            return;
        }
        let Ok(connection) = self.writer.try_lock() else { return };
        // The same value again: it changes nothing, and reaches the disk all the same.
        match connection.pragma_update(None, "user_version", schema::VERSION) {
            Ok(()) => *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = None,
            Err(error) => {
                self.note(error);
            }
        }
    }

    /// Gives up the room that is set aside, if there is nearly no other: to be called before what makes room is written.
    pub fn make_room(&self) {
        make_room(&self.dir);
    }

    /// Sets room aside for what makes room, while there is plenty.
    pub fn keep_room(&self) {
        if let Err(error) = reserve::keep(&self.dir) {
            tracing::warn!(%error, "no room can be set aside for the time when the disk is full");
        }
    }

    /// Brings what has been committed to the disk, so that no power cut takes it back. Blocks for as long as the disk needs.
    ///
    /// # Errors
    /// [`StoreError::Log`].
    pub fn sync(&self) -> Result<(), StoreError> {
        match std::fs::File::open(files::log(&self.dir)).and_then(|log| log.sync_all()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StoreError::Log(error)),
            _ => Ok(()),
        }
    }

    /// Brings what has been committed to the disk and seals the journal's head outside of it, so that a later start
    /// finds out when something is missing. Blocks for as long as the disk needs.
    ///
    /// # Errors
    /// Those of the disk. The head that was sealed before stays.
    pub fn seal(&self) -> Result<(), StoreError> {
        let mut sealed = self.sealed.lock().unwrap_or_else(PoisonError::into_inner);
        let (head, contradicts) = self.read(|reading| {
            let contradicts = |sealed| repair::is_behind(reading.0, sealed) || repair::differs(reading.0, sealed);
            Ok::<_, StoreError>((reading.head()?, sealed.as_ref().is_some_and(contradicts)))
        })?;
        if contradicts {
            // It shows the loss and is not written over, unless a repair has done that meanwhile.
            match head::read(&self.dir)? {
                Some(repaired) if sealed.as_ref() != Some(&repaired) => *sealed = Some(repaired),
                _ => tracing::error!(
                    "entries of the history are missing or were changed; `changeover history verify` says which"
                ),
            }
            return Ok(());
        }
        if head.seq == Seq(0) || sealed.as_ref() == Some(&head) {
            return Ok(());
        }
        self.sync()?;
        head::write(&self.dir, &head)?;
        *sealed = Some(head);
        Ok(())
    }

    /// Brings everything from the log into the database itself and empties the log: what was deleted stands nowhere any
    /// more, and `changeover.db` alone is whole. False when a reader keeps that from happening, which is said; nobody who
    /// writes waits for one.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn checkpoint(&self) -> Result<bool, StoreError> {
        let connection = self.lock();
        connection.busy_timeout(BUSY_STILL)?;
        files::checkpoint(&connection)
    }

    /// Checks everything that is kept, as it is on the disk and not in the memory of this process.
    ///
    /// # Errors
    /// As [`Reading::verify_history`].
    pub fn verify(&self) -> Result<Verification, StoreError> {
        verify::verify(&self.dir)
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

fn make_room(dir: &Path) {
    if let Err(error) = reserve::give_up(dir) {
        tracing::warn!(%error, "the room that is set aside for a full disk cannot be had");
    }
}
