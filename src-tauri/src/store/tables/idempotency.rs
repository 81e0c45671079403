//! What was answered under which idempotency key, so that a repeat gets the same answer.
//!
//! Not covered by the journal: it is about messages, not about what is true.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension as _, params};

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

impl Reading<'_> {
    /// What was answered under `key`.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn answer(&self, key: &str) -> Result<Option<Answer>, StoreError> {
        let mut statement = self.0.prepare_cached("SELECT fingerprint, status, body FROM idempotency WHERE key = ?")?;
        let answer = statement
            .query_row([key], |row| Ok(Answer { fingerprint: row.get(0)?, status: row.get(1)?, body: row.get(2)? }));
        Ok(answer.optional()?)
    }
}

impl Writing<'_> {
    /// Keeps an answer, and lets go of those that are a day old.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn keep_answer(&mut self, key: &str, answer: &Answer) -> Result<(), StoreError> {
        let now: Timestamp = self.now();
        super::execute(&self.tx, "DELETE FROM idempotency WHERE at < ?", [(now - KEPT).to_string()])?;
        super::execute(
            &self.tx,
            "INSERT OR IGNORE INTO idempotency (key, fingerprint, status, body, at) VALUES (?, ?, ?, ?, ?)",
            params![key, answer.fingerprint, answer.status, answer.body, now.to_string()],
        )
    }
}
