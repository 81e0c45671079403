//! Attempts to sign in that failed, by hashes of accounts and sources: nobody's address stands here.

use domain::sign_in::{Counted, Failures};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::rows::execute;
use crate::store::{Reading, StoreError, Writing};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE sign_in_failures (
    counted TEXT NOT NULL,
    hash    TEXT NOT NULL,
    count   INTEGER NOT NULL,
    since   INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    PRIMARY KEY (counted, hash)
) WITHOUT ROWID;
CREATE INDEX sign_in_failures_last ON sign_in_failures (last);
";

/// The time after which a row is of no use to either rule.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

impl Reading<'_> {
    /// The attempts that failed, of an account or a source.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn failures(&self, of: Counted, hash: &str) -> Result<Option<Failures>, StoreError> {
        let sql = "SELECT count, since, last FROM sign_in_failures WHERE counted = ? AND hash = ?";
        let mut statement = self.0.prepare_cached(sql)?;
        let found = statement.query_row([of.as_str(), hash], |row| {
            let at = |millisecond| Timestamp::from_millisecond(millisecond).unwrap_or(Timestamp::MIN);
            Ok(Failures { count: row.get(0)?, since: at(row.get(1)?), last: at(row.get(2)?) })
        });
        Ok(found.optional()?)
    }
}

impl Writing<'_> {
    /// Keeps the attempts that failed, and lets go of those that are a day old.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn put_failures(&mut self, of: Counted, hash: &str, failures: &Failures) -> Result<(), StoreError> {
        forget_old(&self.tx, self.now())?;
        let Failures { count, since, last } = failures;
        execute(
            &self.tx,
            "INSERT OR REPLACE INTO sign_in_failures (counted, hash, count, since, last) VALUES (?, ?, ?, ?, ?)",
            params![of.as_str(), hash, count, since.as_millisecond(), last.as_millisecond()],
        )
    }

    /// Forgets the attempts of an account or a source that failed.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn forget_failures(&mut self, of: Counted, hash: &str) -> Result<(), StoreError> {
        execute(&self.tx, "DELETE FROM sign_in_failures WHERE counted = ? AND hash = ?", [of.as_str(), hash])
    }
}

fn forget_old(connection: &Connection, now: Timestamp) -> Result<(), StoreError> {
    let before = now.saturating_sub(KEPT).unwrap_or(Timestamp::MIN);
    execute(connection, "DELETE FROM sign_in_failures WHERE last < ?", [before.as_millisecond()])
}
