//! What was answered under which idempotency key, so that a repeat gets the same answer.
//!
//! Not covered by the journal: it is about messages, not about what is true. An answer that holds a secret is kept
//! without it (`api/credentials`): a secret stands in the table of secrets and nowhere else.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Row, params};

use super::{execute, sum};
use crate::store::{Reading, StoreError, Writing};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE idempotency (
    key         TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    status      INTEGER NOT NULL,
    body        TEXT NOT NULL,
    at          TEXT NOT NULL
);
";

/// Answers that were kept before may hold secrets, so none of them stays.
pub(in crate::store) const WITH_SUM: &str = "
DROP TABLE idempotency;
CREATE TABLE idempotency (
    key         TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    status      INTEGER NOT NULL,
    body        TEXT NOT NULL,
    at          TEXT NOT NULL,
    sum         TEXT NOT NULL
);
";

/// How long an answer is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// An answer that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Tells one request from another.
    pub fingerprint: String,
    /// HTTP status.
    pub status: u16,
    /// Body.
    pub body: String,
}

impl Answer {
    fn sum(&self, key: &str, at: &str) -> String {
        sum(&[key, &self.fingerprint, &self.status.to_string(), &self.body, at])
    }

    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        let corrupt = |error: rusqlite::Error| StoreError::corrupt("idempotency", error);
        let text = |column| row.get::<_, String>(column).map_err(corrupt);
        let answer = Self { fingerprint: text(1)?, status: row.get(2).map_err(corrupt)?, body: text(3)? };
        if answer.sum(&text(0)?, &text(4)?) != text(5)? {
            return Err(StoreError::corrupt("idempotency", "an answer is not as it was kept"));
        }
        Ok(answer)
    }
}

/// Whether every answer is as it was kept.
pub(in crate::store) fn is_intact(connection: &Connection) -> Result<bool, StoreError> {
    let mut statement = connection.prepare("SELECT key, fingerprint, status, body, at, sum FROM idempotency")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if Answer::read(row).is_err() {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Reading<'_> {
    /// What was answered under `key`.
    ///
    /// # Errors
    /// Those of SQLite; what was kept was changed.
    pub fn answer(&self, key: &str) -> Result<Option<Answer>, StoreError> {
        let sql = "SELECT key, fingerprint, status, body, at, sum FROM idempotency WHERE key = ?";
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query([key])?;
        rows.next()?.map(Answer::read).transpose()
    }
}

impl Writing<'_> {
    /// Keeps an answer, and lets go of those that are a day old.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn keep_answer(&mut self, key: &str, answer: &Answer) -> Result<(), StoreError> {
        let now: Timestamp = self.now();
        execute(&self.tx, "DELETE FROM idempotency WHERE at < ?", [(now - KEPT).to_string()])?;
        let at = now.to_string();
        execute(
            &self.tx,
            "INSERT OR IGNORE INTO idempotency (key, fingerprint, status, body, at, sum) VALUES (?, ?, ?, ?, ?, ?)",
            params![key, answer.fingerprint, answer.status, answer.body, at, answer.sum(key, &at)],
        )
    }
}
