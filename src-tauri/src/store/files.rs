//! The files of the database: for nobody but their owner, opened as this program needs them.

use std::fs::{self, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::error::StoreError;
use super::reading::Reading;
use super::schema;
use super::tables::beside::{ADMIN_LINKS, INVITATIONS, SESSIONS};

/// The database's file in a data directory.
pub const DATABASE: &str = "changeover.db";

/// The tables of what lets somebody in by itself and for a time.
const ENDED_BY_RESTORING: [(&str, &str); 4] =
    [(SESSIONS, "true"), (INVITATIONS, "true"), (ADMIN_LINKS, "true"), ("deliveries", "due IS NOT NULL")];

/// The longest wait for another program's lock; a test does not wait for long.
pub(super) const BUSY: std::time::Duration =
    if cfg!(test) { std::time::Duration::from_millis(500) } else { std::time::Duration::from_secs(5) };

/// The database's log of what has been committed last.
pub(super) fn log(dir: &Path) -> PathBuf {
    dir.join(format!("{DATABASE}-wal"))
}

/// Opens the database to be written, and makes it if there is none.
pub(super) fn open(dir: &Path) -> Result<Connection, StoreError> {
    let path = dir.join(DATABASE);
    let failed = |path: &Path, source| StoreError::File { path: path.to_owned(), source };
    let made = fs::File::options().write(true).create(true).truncate(false).mode(0o600).open(&path);
    made.map_err(|source| failed(&path, source))?;
    // Those of earlier versions were kept from others by their folder alone. SQLite gives new ones what the database has.
    for path in [path.clone(), log(dir), dir.join(format!("{DATABASE}-shm"))] {
        match fs::set_permissions(&path, Permissions::from_mode(0o600)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&path, error)),
            _ => {}
        }
    }
    let connection = Connection::open(&path)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // A secret that was replaced or deleted is not left in the file.
    connection.pragma_update(None, "secure_delete", true)?;
    Ok(connection)
}

/// Opens the database to be read, without anything that another connection has in memory.
pub(super) fn open_to_read(dir: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(dir.join(DATABASE), flags)?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}

/// True when `dir` has no database, or one without any entry.
///
/// # Errors
/// There is something that cannot be read.
pub fn holds_nothing(dir: &Path) -> Result<bool, StoreError> {
    let path = dir.join(DATABASE);
    match fs::metadata(&path) {
        Ok(metadata) if metadata.len() > 0 => {}
        Ok(_) => return Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(source) => return Err(StoreError::File { path, source }),
    }
    let connection = open_to_read(dir)?;
    let has_journal = "SELECT count(*) FROM sqlite_schema WHERE name = 'journal'";
    let tables: i64 = connection.query_row(has_journal, [], |row| row.get(0))?;
    if schema::version(&connection)? == 0 || tables == 0 {
        return Ok(true);
    }
    let entries: i64 =
        connection.query_row("SELECT count(*) FROM (SELECT 1 FROM journal LIMIT 1)", [], |row| row.get(0))?;
    Ok(entries == 0)
}

/// True when an earlier version wrote the database in `dir`.
///
/// # Errors
/// Those of SQLite.
pub fn is_older(dir: &Path) -> Result<bool, StoreError> {
    Ok((1..schema::VERSION).contains(&schema::version(&open_to_read(dir)?)?))
}

/// Empties the log into the database; false when a reader keeps it from that, which is said.
pub(super) fn checkpoint(connection: &Connection) -> Result<bool, StoreError> {
    let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy != 0 {
        tracing::warn!(
            "the database is being read, so its log was not emptied: changeover.db is not complete without changeover.db-wal"
        );
    }
    Ok(busy == 0)
}

/// Copies the database in `dir` as it is at one moment to the new file `to`, without what was deleted from it. Others may
/// write meanwhile.
///
/// # Errors
/// The file is there already or cannot be written; those of SQLite.
pub fn copy(dir: &Path, to: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::File { path: to.to_owned(), source };
    fs::File::options().write(true).create_new(true).mode(0o600).open(to).map_err(failed)?;
    let text = to.to_str().ok_or_else(|| failed(io::Error::other("its name is no text")))?;
    open_to_read(dir)?.execute("VACUUM INTO ?", [text])?;
    let synced = fs::File::open(to).and_then(|copy| copy.sync_all());
    synced.map_err(failed)
}

/// Removal of rows that were deleted before `secure_delete` was on.
pub(super) fn compact(connection: &Connection) -> Result<(), StoreError> {
    connection.execute_batch("VACUUM")?;
    checkpoint(connection)?;
    Ok(())
}

/// Puts a file with these bytes in the place of `path`; after a crash there is either the one before or this one.
///
/// # Errors
/// The system refuses.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Of this process alone: a server and a repair may write the same file at once.
    let new = path.with_added_extension(format!("{}.new", std::process::id()));
    let written = || {
        let mut file = fs::File::options().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        path.parent().map_or(Ok(()), sync_folder)
    };
    written().inspect_err(|_| {
        let _ = fs::remove_file(&new);
    })
}

/// Brings the names in a folder to the disk.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// Ends what let somebody in by itself and for a time, in a database that nobody uses: sessions, and the links of
/// invitations and of administrators. What was ended after the copy was made would go on by it. Messages that wait are
/// not sent: they may have been since.
///
/// # Errors
/// Those of SQLite.
pub fn end_sessions_and_links(database: &Path) -> Result<(), StoreError> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.pragma_update(None, "secure_delete", true)?;
    for (table, which) in ENDED_BY_RESTORING {
        // An earlier version has not all of them.
        let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?";
        let tables: i64 = connection.query_row(sql, [table], |row| row.get(0))?;
        if tables > 0 {
            connection.execute(&format!("DELETE FROM {table} WHERE {which}"), [])?;
        }
    }
    Ok(())
}

/// Reads a database that nobody uses.
///
/// # Errors
/// Those of `read`, and those of SQLite.
pub fn read_copy<T, E: From<StoreError>>(dir: &Path, read: impl FnOnce(&Reading<'_>) -> Result<T, E>) -> Result<T, E> {
    read(&Reading(&open_to_read(dir)?))
}
