//! The answers given under idempotency keys, each with its caller, so that a repeat gets the same answer.
//!
//! Not covered by the journal: it is about messages, not about what is true. An answer that holds a secret is kept
//! without it (`api/credentials.rs`): a secret stands in the table of secrets and nowhere else.

use domain::id::Actor;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Row, params};

use super::rows::{execute, sum};
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

/// Keys are their callers'. Answers that were kept before name no caller and are forgotten.
pub(in crate::store) const WITH_CALLER: &str = "
DROP TABLE idempotency;
CREATE TABLE idempotency (
    caller      TEXT NOT NULL,
    key         TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    body        TEXT NOT NULL,
    at          TEXT NOT NULL,
    sum         TEXT NOT NULL,
    PRIMARY KEY (caller, key)
);
";

/// The time for which an answer is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// An answer that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// Tells one request from another.
    pub fingerprint: String,
    /// The outcome of the request, as JSON; its meaning is the API's.
    pub outcome: String,
    /// Body.
    pub body: String,
}

impl KeptAnswer {
    fn sum(&self, caller: &str, key: &str, at: &str) -> String {
        sum(&[caller, key, &self.fingerprint, &self.outcome, &self.body, at])
    }

    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        let corrupt = |error: rusqlite::Error| StoreError::corrupt("idempotency", error);
        let text = |column| row.get::<_, String>(column).map_err(corrupt);
        let answer = Self { fingerprint: text(2)?, outcome: text(3)?, body: text(4)? };
        if answer.sum(&text(0)?, &text(1)?, &text(5)?) != text(6)? {
            return Err(StoreError::corrupt("idempotency", "an answer is not as it was kept"));
        }
        Ok(answer)
    }
}

/// True when every answer is as it was kept.
pub(in crate::store) fn is_intact(connection: &Connection) -> Result<bool, StoreError> {
    let mut statement =
        connection.prepare("SELECT caller, key, fingerprint, outcome, body, at, sum FROM idempotency")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if KeptAnswer::read(row).is_err() {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Reading<'_> {
    /// The answer that `caller` got under `key`.
    ///
    /// # Errors
    /// Those of SQLite; the kept answer was changed.
    pub fn answer(&self, caller: &Actor, key: &str) -> Result<Option<KeptAnswer>, StoreError> {
        let sql =
            "SELECT caller, key, fingerprint, outcome, body, at, sum FROM idempotency WHERE caller = ? AND key = ?";
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query([caller.as_str(), key])?;
        rows.next()?.map(KeptAnswer::read).transpose()
    }
}

impl Writing<'_> {
    /// Keeps an answer, and lets go of those that are a day old.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn keep_answer(&mut self, caller: &Actor, key: &str, answer: &KeptAnswer) -> Result<(), StoreError> {
        let now: Timestamp = self.now();
        execute(&self.tx, "DELETE FROM idempotency WHERE at < ?", [(now - KEPT).to_string()])?;
        let (at, caller) = (now.to_string(), caller.as_str());
        execute(
            &self.tx,
            "INSERT OR IGNORE INTO idempotency (caller, key, fingerprint, outcome, body, at, sum) VALUES (?, ?, ?, ?, ?, ?, ?)",
            params![caller, key, answer.fingerprint, answer.outcome, answer.body, at, answer.sum(caller, key, &at)],
        )
    }
}
