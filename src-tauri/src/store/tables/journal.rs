//! The journal: everything that happened, append-only, each entry with the hash of the one before (CO-8).
//!
//! An entry is read text by text, so that a damaged one is shown as what it is and keeps nobody from the others.

use domain::canonical;
use domain::chain::{self, Link};
use domain::event::{Entry, Event, VERSIONS, Versions};
use domain::id::{Actor, DeploymentId, InvalidId, Seq, UseCaseId};
use jiff::Timestamp;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};

use super::rows::{count, execute};
use super::seen_by::SeenBy;
use crate::events::Recorded;
use crate::store::{Reading, StoreError};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE journal (
    seq        INTEGER PRIMARY KEY,
    at         TEXT NOT NULL,
    actor      TEXT NOT NULL,
    deployment TEXT,
    kind       TEXT NOT NULL,
    event      TEXT NOT NULL,
    hash       TEXT NOT NULL
);
CREATE INDEX journal_deployment ON journal (deployment, seq);
CREATE TRIGGER journal_is_not_changed BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_is_not_cut BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
";

/// The last entry's place in the chain, beside the journal: entries that are cut off at the end leave it ahead.
pub(in crate::store) const HEAD: &str = "
CREATE TABLE head (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    seq  INTEGER NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO head (one, seq, hash) SELECT 1, seq, hash FROM journal ORDER BY seq DESC LIMIT 1;
";

/// Lets entries go, which only an archive does, after it has been written and checked.
pub(in crate::store) fn cut(connection: &Connection, last: Seq) -> Result<(), StoreError> {
    let sql = "SELECT sql FROM sqlite_schema WHERE name = 'journal_is_not_cut'";
    let trigger: String = connection.query_row(sql, [], |row| row.get(0))?;
    connection.execute_batch("DROP TRIGGER journal_is_not_cut")?;
    connection.execute("DELETE FROM journal WHERE seq <= ?", [last.0 as i64])?;
    connection.execute_batch(&trigger)?;
    Ok(())
}

pub(in crate::store) fn append(
    connection: &Connection,
    actor: &Actor,
    at: Timestamp,
    deployment: Option<&DeploymentId>,
    event: Event,
) -> Result<Recorded, StoreError> {
    let before = head(connection)?;
    let seq = before.seq.next();
    let value = VERSIONS.to_value(&event).map_err(|error| StoreError::corrupt("journal", error))?;
    let text = canonical::text(&value);
    let kind = event.kind().as_str();
    let time = at.to_string();
    let written = chain::WrittenEntry {
        seq: seq.0,
        at: &time,
        actor: actor.as_str(),
        deployment: deployment.map(DeploymentId::as_str),
        kind,
        event: &text,
        hash: "",
    };
    let hash = written.hash_after(&before.hash);
    connection
        .prepare_cached(
            "INSERT INTO journal (seq, at, actor, deployment, kind, event, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![seq.0 as i64, time, actor.as_str(), deployment.map(DeploymentId::as_str), kind, text, hash])?;
    note(connection, &Link { seq, hash: hash.clone() })?;
    let entry = Entry { seq, at, actor: actor.clone(), deployment: deployment.cloned(), event };
    Ok(Recorded { entry, hash })
}

/// The place of the last entry that was appended: the journal's own end, or the noted head where entries were cut off,
/// so that the gap stays to be seen.
pub(in crate::store) fn head(connection: &Connection) -> Result<Link, StoreError> {
    let end = end(connection)?;
    Ok(noted(connection)?.filter(|noted| noted.seq > end.seq).unwrap_or(end))
}

/// The journal's own end: the place of the last entry that is kept here, or archived.
pub(in crate::store) fn end(connection: &Connection) -> Result<Link, StoreError> {
    match link(connection, "SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1")? {
        Some(last) => Ok(last),
        None => begin(connection),
    }
}

/// The place before the first entry that is kept here.
fn begin(connection: &Connection) -> Result<Link, StoreError> {
    Ok(super::base::archived(connection)?.unwrap_or_else(Link::genesis))
}

/// Notes the head beside the journal.
pub(in crate::store) fn note(connection: &Connection, head: &Link) -> Result<(), StoreError> {
    let sql = "INSERT OR REPLACE INTO head (one, seq, hash) VALUES (1, ?, ?)";
    execute(connection, sql, params![head.seq.0 as i64, head.hash])
}

/// The noted head; none where it holds no number.
pub(in crate::store) fn noted(connection: &Connection) -> Result<Option<Link>, StoreError> {
    link(connection, "SELECT seq, hash FROM head")
}

/// The place of an entry, if it is kept here.
pub(in crate::store) fn place(connection: &Connection, seq: Seq) -> Result<Option<Link>, StoreError> {
    link(connection, &format!("SELECT seq, hash FROM journal WHERE seq = {seq}"))
}

fn link(connection: &Connection, sql: &str) -> Result<Option<Link>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let seq = row.get_ref(0)?.as_i64().ok().and_then(|seq| u64::try_from(seq).ok());
    let hash = row.get_ref(1)?.as_bytes_or_null().ok().flatten().unwrap_or_default();
    Ok(seq.map(|seq| Link { seq: Seq(seq), hash: String::from_utf8_lossy(hash).into_owned() }))
}

pub(super) const COLUMNS: &str = "seq, at, actor, deployment, kind, event, hash";

/// An entry as it stands in the database, text by text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The entry's number.
    pub seq: Seq,
    /// The time of the entry.
    pub at: String,
    /// The caller or component that caused the entry.
    pub actor: String,
    /// The deployment that it is about.
    pub deployment: Option<String>,
    /// The word that it is looked up by.
    pub kind: String,
    /// The event, as JSON.
    pub event: String,
    /// The hash that stands beside it.
    pub hash: String,
    /// It holds something that is no text; what stands here instead is as near as can be.
    pub is_damaged: bool,
}

impl Written {
    pub(super) fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        let mut is_damaged = false;
        let mut text = |column| {
            Ok::<_, rusqlite::Error>(match row.get_ref(column)? {
                ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
                    Ok(text) => text.to_owned(),
                    Err(_) => {
                        is_damaged = true;
                        String::from_utf8_lossy(bytes).into_owned()
                    }
                },
                other => {
                    is_damaged = true;
                    let bytes = other.as_bytes_or_null().ok().flatten().unwrap_or_default();
                    String::from_utf8_lossy(bytes).into_owned()
                }
            })
        };
        let (at, actor, kind, event, hash) = (text(1)?, text(2)?, text(4)?, text(5)?, text(6)?);
        let deployment = if row.get_ref(3)? == ValueRef::Null { None } else { Some(text(3)?) };
        Ok(Self { seq: Seq(row.get::<_, i64>(0)? as u64), at, actor, deployment, kind, event, hash, is_damaged })
    }

    /// The same for the rules of the chain.
    pub fn link(&self) -> chain::WrittenEntry<'_> {
        chain::WrittenEntry {
            seq: self.seq.0,
            at: &self.at,
            actor: &self.actor,
            deployment: self.deployment.as_deref(),
            kind: &self.kind,
            event: &self.event,
            hash: &self.hash,
        }
    }

    /// The entry's content, brought up to date.
    ///
    /// # Errors
    /// The entry is damaged: [`StoreError::Corrupt`].
    pub fn read(&self) -> Result<Recorded, StoreError> {
        self.read_as(VERSIONS)
    }

    /// The same with other versions of an event than there have been.
    pub(in crate::store) fn read_as(&self, versions: Versions) -> Result<Recorded, StoreError> {
        let corrupt = |problem: &dyn ToString| {
            let Seq(seq) = self.seq;
            StoreError::corrupt("journal", format!("entry {seq}: {}", problem.to_string()))
        };
        if self.is_damaged {
            return Err(corrupt(&"it holds something that is no text"));
        }
        let entry = Entry {
            seq: self.seq,
            at: self.at.parse().map_err(|error: jiff::Error| corrupt(&error))?,
            actor: self.actor.parse().map_err(|error: InvalidId| corrupt(&error))?,
            deployment: self
                .deployment
                .as_deref()
                .map(str::parse)
                .transpose()
                .map_err(|error: InvalidId| corrupt(&error))?,
            event: versions.read(&self.event).map_err(|error| corrupt(&error))?,
        };
        Ok(Recorded { entry, hash: self.hash.clone() })
    }
}

/// Calls `visit` with every entry behind `after`, up to `last`, oldest first.
pub(in crate::store) fn each<E: From<StoreError>>(
    connection: &Connection,
    after: Seq,
    last: Seq,
    mut visit: impl FnMut(Written) -> Result<(), E>,
) -> Result<(), E> {
    let sql = format!("SELECT {COLUMNS} FROM journal WHERE seq > ? AND seq <= ? ORDER BY seq");
    let mut statement = connection.prepare(&sql).map_err(StoreError::from)?;
    let mut rows = statement.query([after.0 as i64, last.0 as i64]).map_err(StoreError::from)?;
    while let Some(row) = rows.next().map_err(StoreError::from)? {
        visit(Written::of(row).map_err(StoreError::from)?)?;
    }
    Ok(())
}

/// When the newest entry was made, as far as an entry is as it was written: a damaged one would set the clock.
pub(in crate::store) fn newest_at(connection: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM journal ORDER BY seq DESC");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut entries = statement.query_map([], Written::of)?.peekable();
    while let Some(entry) = entries.next().transpose()? {
        let before = match entries.peek() {
            Some(before) => before.as_ref().ok().map(|before| before.hash.clone()),
            None => begin(connection).ok().map(|before| before.hash),
        };
        let fits = before.is_some_and(|before| entry.hash == entry.link().hash_after(&before));
        if let (true, Ok(at)) = (fits, entry.at.parse()) {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

/// A choice of entries.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those about this deployment.
    pub deployment: Option<DeploymentId>,
    /// Only those about deployments that are linked to this use case now.
    pub use_case: Option<UseCaseId>,
    /// Only those of this kind.
    pub kind: Option<String>,
    /// Only those that this caller may see.
    pub seen_by: Option<SeenBy>,
}

impl Reading<'_> {
    /// Place of the newest entry; 0 when there is none.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn last_seq(&self) -> Result<Seq, StoreError> {
        Ok(head(self.0)?.seq)
    }

    /// When the newest entry was made.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn newest_at(&self) -> Result<Option<Timestamp>, StoreError> {
        newest_at(self.0)
    }

    /// The newest entry's place in the chain.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn head(&self) -> Result<Link, StoreError> {
        head(self.0)
    }

    /// The place of the last entry that was moved to an archive.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn archived(&self) -> Result<Option<Link>, StoreError> {
        super::base::archived(self.0)
    }

    /// At most `limit` entries before `before`, newest first, damaged ones too.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn history(&self, filter: &Filter, before: Option<Seq>, limit: u32) -> Result<Vec<Written>, StoreError> {
        let seen = filter.seen_by.as_ref().map_or_else(|| "1".to_owned(), SeenBy::condition);
        let sql = format!(
            "SELECT {COLUMNS} FROM journal WHERE seq < ?1 AND (?2 IS NULL OR deployment = ?2) AND (?3 IS NULL OR kind = ?3)
             AND (?5 IS NULL OR deployment IN (SELECT deployment FROM use_case_links WHERE use_case = ?5))
             AND {seen} ORDER BY seq DESC LIMIT ?4"
        );
        let before = before.map_or(i64::MAX, |seq| i64::try_from(seq.0).unwrap_or(i64::MAX));
        let deployment = filter.deployment.as_ref().map(DeploymentId::as_str);
        let use_case = filter.use_case.as_ref().map(UseCaseId::as_str);
        self.written(&sql, params![before, deployment, filter.kind, limit, use_case])
    }

    /// At most `limit` entries after `after`, oldest first, damaged ones too.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn entries_after(&self, after: Seq, limit: u32) -> Result<Vec<Written>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM journal WHERE seq > ?1 ORDER BY seq LIMIT ?2");
        self.written(&sql, params![i64::try_from(after.0).unwrap_or(i64::MAX), limit])
    }

    /// Deployments that were deleted, as far as the journal goes back.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn deleted_deployments(&self) -> Result<Vec<DeploymentId>, StoreError> {
        let mut statement =
            self.0.prepare_cached("SELECT DISTINCT deployment FROM journal WHERE kind = 'deployment_deleted'")?;
        let ids = statement.query_map([], |row| row.get::<_, Option<String>>(0))?;
        let ids: Vec<_> = ids.collect::<Result<_, _>>()?;
        Ok(ids.into_iter().flatten().filter_map(|id| id.parse().ok()).collect())
    }

    /// Every time that this deployment was deactivated, as far as the journal goes back and can be read, oldest first.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn deactivations(&self, deployment: &DeploymentId) -> Result<Vec<Entry>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM journal WHERE deployment = ? AND kind = 'deactivated' ORDER BY seq");
        let written = self.written(&sql, [deployment.as_str()])?;
        Ok(written.iter().filter_map(|entry| entry.read().ok()).map(|recorded| recorded.entry).collect())
    }

    /// The clearings of statistics after this entry, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`]; those of SQLite.
    pub fn clearings_after(&self, after: Seq) -> Result<Vec<Recorded>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM journal WHERE kind = 'statistics_cleared' AND seq > ?1 ORDER BY seq");
        let found = self.written(&sql, params![i64::try_from(after.0).unwrap_or(i64::MAX)])?;
        found.iter().map(Written::read).collect()
    }

    /// True when the journal holds this deployment's deletion.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn was_deleted(&self, deployment: &DeploymentId) -> Result<bool, StoreError> {
        let sql = "SELECT count(*) FROM journal WHERE deployment = ? AND kind = 'deployment_deleted'";
        Ok(count(self.0, sql, [deployment.as_str()])? > 0)
    }

    fn written(&self, sql: &str, params: impl rusqlite::Params) -> Result<Vec<Written>, StoreError> {
        let mut statement = self.0.prepare_cached(sql)?;
        let rows = statement.query_map(params, Written::of)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
