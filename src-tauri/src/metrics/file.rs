//! The file of the database: opened, its schema checked, or set aside.

use std::fs;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::error::MetricsError;

/// The file in a data directory.
pub(super) const FILE: &str = "metrics.db";

/// Goes up whenever the schema changes.
const VERSION: i64 = 2;

/// The longest wait for another program's lock; a test does not wait for long.
const BUSY: Duration = if cfg!(test) { Duration::from_millis(50) } else { Duration::from_secs(1) };

/// Times are seconds since 1970, `grain` is the length of a point in seconds, `at` the time at which it ends; a point without
/// a revision has -1. A gauge holds until the next.
const SCHEMA: &str = "
    CREATE TABLE deployments (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE points (
        grain INTEGER NOT NULL, deployment INTEGER NOT NULL, at INTEGER NOT NULL, revision INTEGER NOT NULL,
        failed INTEGER NOT NULL, durations BLOB NOT NULL,
        PRIMARY KEY (grain, deployment, at, revision)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE gauges (
        grain INTEGER NOT NULL, deployment INTEGER NOT NULL, at INTEGER NOT NULL,
        ready INTEGER NOT NULL, waiting INTEGER NOT NULL,
        PRIMARY KEY (grain, deployment, at)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE kept (began INTEGER PRIMARY KEY, until INTEGER NOT NULL) STRICT;
";

/// What version 1 has not: the times of which everything was cleared, by the place of the entry that says so; and the place in
/// the journal up to which clearings are carried out.
const SINCE_1: &str = "
    CREATE TABLE IF NOT EXISTS cleared (
        deployment INTEGER NOT NULL, seq INTEGER NOT NULL, began INTEGER NOT NULL, until INTEGER NOT NULL,
        PRIMARY KEY (deployment, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS carried_out (seq INTEGER PRIMARY KEY) STRICT;
";

/// Opens the file to be written, and makes it if there is none.
///
/// # Errors
/// [`MetricsError::is_of_the_file`], or it cannot be opened now.
pub(super) fn open(dir: &Path) -> Result<Connection, MetricsError> {
    let path = dir.join(FILE);
    let made = fs::File::options().write(true).create(true).truncate(false).mode(0o600).open(&path);
    made.map_err(|source| MetricsError::File { path: path.clone(), source })?;
    let mut connection = Connection::open(&path)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match version(&connection)? {
        0 if tables == 0 => make(&mut connection, &[SCHEMA, SINCE_1])?,
        1 => {
            check(&connection, &FIRST)?;
            make(&mut connection, &[SINCE_1])?;
        }
        VERSION => {
            check(&connection, &FIRST)?;
            check(&connection, &SECOND)?;
        }
        other => return Err(MetricsError::Strange(other)),
    }
    Ok(connection)
}

/// Opens the file to be read; none where there is no file.
///
/// # Errors
/// As [`open`].
pub(super) fn open_to_read(dir: &Path) -> Result<Option<Connection>, MetricsError> {
    let path = dir.join(FILE);
    if !path.exists() {
        return Ok(None);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    // One that is being made has no tables yet.
    Ok((version(&connection)? == VERSION).then_some(connection))
}

fn version(connection: &Connection) -> Result<i64, MetricsError> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Makes these tables, and a file of the newest version of it.
fn make(connection: &mut Connection, tables: &[&str]) -> Result<(), MetricsError> {
    let tx = connection.transaction()?;
    tables.iter().try_for_each(|tables| tx.execute_batch(tables))?;
    tx.pragma_update(None, "user_version", VERSION)?;
    Ok(tx.commit()?)
}

/// The columns of version 1, and those that came with version 2.
const FIRST: [&str; 4] = [
    "SELECT number, id FROM deployments",
    "SELECT grain, deployment, at, revision, failed, durations FROM points",
    "SELECT grain, deployment, at, ready, waiting FROM gauges",
    "SELECT began, until FROM kept",
];
const SECOND: [&str; 2] = ["SELECT deployment, seq, began, until FROM cleared", "SELECT seq FROM carried_out"];

/// That the tables have the columns that they should.
fn check(connection: &Connection, selections: &[&str]) -> Result<(), MetricsError> {
    for selection in selections {
        connection.prepare(selection)?;
    }
    Ok(())
}

/// Gives the file, and what SQLite has beside it, another name; that name. Nobody may have it open to write.
///
/// # Errors
/// The system refuses.
pub(super) fn set_aside(dir: &Path, now: i64) -> Result<PathBuf, MetricsError> {
    let name = |number: i64| dir.join(format!("{FILE}.aside-{number}"));
    let free = (now..).map(name).find(|path| !path.exists()).unwrap_or_else(|| name(now));
    let path = dir.join(FILE);
    // The log first: the file without it is no whole database, and is not taken for one.
    for end in ["-wal", "-shm", ""] {
        let with_end = |path: &Path| PathBuf::from(format!("{}{end}", path.display()));
        match fs::rename(with_end(&path), with_end(&free)) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(MetricsError::File { path: with_end(&path), source });
            }
            _ => {}
        }
    }
    Ok(free)
}
