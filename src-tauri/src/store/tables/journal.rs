//! The journal: everything that happened, append-only, each entry with the hash of the one before (CO-8).

use domain::canonical;
use domain::event::{Entry, Event};
use domain::id::{Actor, DeploymentId, Seq};
use domain::wire::Verification;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::from_json;
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

/// What the first entry takes for the hash of the one before.
const GENESIS: &str = "changeover";

fn chain(before: &str, seq: i64, at: &str, actor: &str, deployment: Option<&str>, event: &str) -> String {
    let head = json!([before, seq, at, actor, deployment]);
    let mut sha = Sha256::new();
    sha.update(canonical::text(&head));
    sha.update(event);
    hex::encode(sha.finalize())
}

pub(in crate::store) fn append(
    connection: &Connection,
    actor: &Actor,
    at: Timestamp,
    deployment: Option<&DeploymentId>,
    event: Event,
) -> Result<Recorded, StoreError> {
    let (last, before) = head(connection)?.unwrap_or((0, GENESIS.to_owned()));
    let seq = last + 1;
    let value = serde_json::to_value(&event).map_err(|source| StoreError::Corrupt { table: "journal", source })?;
    let text = canonical::text(&value);
    let kind = value["kind"].as_str().unwrap_or_default();
    let time = at.to_string();
    let hash = chain(&before, seq, &time, actor.as_str(), deployment.map(DeploymentId::as_str), &text);
    connection
        .prepare_cached(
            "INSERT INTO journal (seq, at, actor, deployment, kind, event, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![seq, time, actor.as_str(), deployment.map(DeploymentId::as_str), kind, text, hash])?;
    let entry = Entry { seq: Seq(seq as u64), at, actor: actor.clone(), deployment: deployment.cloned(), event };
    Ok(Recorded { entry, hash })
}

fn head(connection: &Connection) -> Result<Option<(i64, String)>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1")?;
    Ok(statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

const COLUMNS: &str = "seq, at, actor, deployment, event, hash";

struct Raw {
    seq: i64,
    at: String,
    actor: String,
    deployment: Option<String>,
    event: String,
    hash: String,
}

impl Raw {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            at: row.get(1)?,
            actor: row.get(2)?,
            deployment: row.get(3)?,
            event: row.get(4)?,
            hash: row.get(5)?,
        })
    }

    fn recorded(self) -> Result<Recorded, StoreError> {
        let head =
            json!({"seq": self.seq, "at": self.at, "actor": self.actor, "deployment": self.deployment, "event": null});
        let mut head = head;
        head["event"] = from_json::<Value>("journal", &self.event)?;
        let entry = serde_json::from_value(head).map_err(|source| StoreError::Corrupt { table: "journal", source })?;
        Ok(Recorded { entry, hash: self.hash })
    }

    fn problem(&self, expected: i64, before: &str) -> Option<String> {
        if self.seq != expected {
            return Some(format!("entry {expected} is missing"));
        }
        let hash = chain(before, self.seq, &self.at, &self.actor, self.deployment.as_deref(), &self.event);
        (hash != self.hash).then(|| format!("entry {expected} is not as it was written: its hash does not fit"))
    }
}

/// Calls `visit` with every entry, oldest first.
pub(in crate::store) fn each(
    connection: &Connection,
    mut visit: impl FnMut(Entry) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare(&format!("SELECT {COLUMNS} FROM journal ORDER BY seq"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        visit(Raw::read(row)?.recorded()?.entry)?;
    }
    Ok(())
}

/// Which entries are wanted.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those about this deployment.
    pub deployment: Option<DeploymentId>,
    /// Only those of this kind.
    pub kind: Option<String>,
}

impl Reading<'_> {
    /// Place of the newest entry; 0 when there is none.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn last_seq(&self) -> Result<Seq, StoreError> {
        Ok(Seq(head(self.0)?.map_or(0, |(seq, _)| seq as u64)))
    }

    /// At most `limit` entries before `before`, newest first.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn history(&self, filter: &Filter, before: Option<Seq>, limit: u32) -> Result<Vec<Recorded>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM journal WHERE seq < ?1 AND (?2 IS NULL OR deployment = ?2) AND (?3 IS NULL OR kind = ?3)
             ORDER BY seq DESC LIMIT ?4"
        );
        let before = before.map_or(i64::MAX, |seq| i64::try_from(seq.0).unwrap_or(i64::MAX));
        let deployment = filter.deployment.as_ref().map(DeploymentId::as_str);
        self.recorded(&sql, params![before, deployment, filter.kind, limit])
    }

    /// At most `limit` entries after `after`, oldest first.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn entries_after(&self, after: Seq, limit: u32) -> Result<Vec<Recorded>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM journal WHERE seq > ?1 ORDER BY seq LIMIT ?2");
        self.recorded(&sql, params![i64::try_from(after.0).unwrap_or(i64::MAX), limit])
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

    fn recorded(&self, sql: &str, params: impl rusqlite::Params) -> Result<Vec<Recorded>, StoreError> {
        let mut statement = self.0.prepare_cached(sql)?;
        let rows = statement.query_map(params, Raw::read)?;
        rows.map(|raw| raw.map_err(StoreError::from)?.recorded()).collect()
    }

    /// Checks the whole chain and finds the first entry that is missing or not as it was written.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn verify_history(&self) -> Result<Verification, StoreError> {
        let mut statement = self.0.prepare(&format!("SELECT {COLUMNS} FROM journal ORDER BY seq"))?;
        let mut rows = statement.query([])?;
        let mut found = Verification { intact: true, entries: 0, first_broken: None, problem: None, head: None };
        let mut before = GENESIS.to_owned();
        while let Some(row) = rows.next()? {
            let raw = Raw::read(row)?;
            let expected = found.entries as i64 + 1;
            if let Some(problem) = raw.problem(expected, &before) {
                return Ok(Verification {
                    intact: false,
                    first_broken: Some(Seq(expected as u64)),
                    problem: Some(problem),
                    ..found
                });
            }
            found.entries += 1;
            before.clone_from(&raw.hash);
            found.head = Some(raw.hash);
        }
        Ok(found)
    }
}
