//! The secrets behind an inference URL: two keys for callers, and the secret that tokens are signed with (AZ-3).
//!
//! Not covered by the journal, which is shown and exported: a secret stands here and nowhere else. The file is
//! the server's own, in a directory that nobody else may open.

use std::fmt;

use domain::credential::Key;
use domain::event::Event;
use domain::id::DeploymentId;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::entered::Entered;
use super::rows::{execute, sum};
use crate::store::{Reading, StoreError, Writing};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE secrets (
    deployment    TEXT PRIMARY KEY,
    primary_key   TEXT NOT NULL,
    secondary_key TEXT NOT NULL,
    tokens        TEXT NOT NULL
);
";

/// Sums up each row: the journal, which shows a change of everything else, knows nothing of them.
pub(in crate::store) const SUM: &str = "ALTER TABLE secrets ADD COLUMN sum TEXT NOT NULL DEFAULT '';";

/// A deployment's secrets. Each is 32 random bytes in hexadecimal.
#[derive(Clone, PartialEq, Eq)]
pub struct Secrets {
    /// The first key.
    pub primary: String,
    /// The second key.
    pub secondary: String,
    /// The secret that tokens are signed with.
    pub tokens: String,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}

pub(super) fn save(connection: &Connection, entered: &Entered<'_>) -> Result<(), StoreError> {
    match entered.gone() {
        Some(id) => execute(connection, "DELETE FROM secrets WHERE deployment = ?", [id.as_str()]),
        None => Ok(()),
    }
}

/// Sums up the rows that were written without.
pub(in crate::store) fn sum_up(connection: &Connection) -> Result<(), StoreError> {
    let mut statement = connection.prepare("SELECT deployment FROM secrets")?;
    let mut deployments = statement.query_map([], |row| row.get::<_, String>(0))?;
    deployments.try_for_each(|id| resum(connection, &id?))
}

fn resum(connection: &Connection, deployment: &str) -> Result<(), StoreError> {
    let sql = "SELECT primary_key, secondary_key, tokens FROM secrets WHERE deployment = ?";
    let found: [String; 3] =
        connection.prepare_cached(sql)?.query_row([deployment], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?;
    let sum = sum(&[deployment, &found[0], &found[1], &found[2]]);
    execute(connection, "UPDATE secrets SET sum = ? WHERE deployment = ?", [&sum, deployment])
}

/// The deployment whose secrets are not as they were written, if there is one.
pub(in crate::store) fn changed(connection: &Connection) -> Result<Option<String>, StoreError> {
    let mut statement =
        connection.prepare("SELECT deployment, primary_key, secondary_key, tokens, sum FROM secrets")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let texts: Vec<&str> = (0..5).filter_map(|column| row.get_ref(column).ok()?.as_str().ok()).collect();
        if texts.len() < 5 || sum(&texts[..4]) != texts[4] {
            return Ok(Some(texts.first().unwrap_or(&"").to_string()));
        }
    }
    Ok(None)
}

impl Reading<'_> {
    /// A deployment's secrets; none while nobody has needed them.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn secrets(&self, id: &DeploymentId) -> Result<Option<Secrets>, StoreError> {
        let sql = "SELECT primary_key, secondary_key, tokens FROM secrets WHERE deployment = ?";
        let mut statement = self.0.prepare_cached(sql)?;
        let secrets = statement.query_row([id.as_str()], |row| {
            Ok(Secrets { primary: row.get(0)?, secondary: row.get(1)?, tokens: row.get(2)? })
        });
        Ok(secrets.optional()?)
    }
}

impl Writing<'_> {
    /// A deployment's secrets, made now if there are none yet.
    ///
    /// # Errors
    /// Those of SQLite; the system gives no random numbers.
    pub fn secrets(&mut self, id: &DeploymentId) -> Result<Secrets, StoreError> {
        if let Some(secrets) = self.reading().secrets(id)? {
            return Ok(secrets);
        }
        let secrets = Secrets { primary: random()?, secondary: random()?, tokens: random()? };
        let Secrets { primary, secondary, tokens } = &secrets;
        execute(
            &self.tx,
            "INSERT INTO secrets (deployment, primary_key, secondary_key, tokens) VALUES (?, ?, ?, ?)",
            params![id.as_str(), primary, secondary, tokens],
        )?;
        resum(&self.tx, id.as_str())?;
        Ok(secrets)
    }

    /// Makes a key anew, and says so in the journal.
    ///
    /// # Errors
    /// As [`Writing::secrets`].
    pub fn regenerate_key(&mut self, id: &DeploymentId, key: Key) -> Result<(), StoreError> {
        self.secrets(id)?;
        let sql = match key {
            Key::Primary => "UPDATE secrets SET primary_key = ? WHERE deployment = ?",
            Key::Secondary => "UPDATE secrets SET secondary_key = ? WHERE deployment = ?",
        };
        execute(&self.tx, sql, params![random()?, id.as_str()])?;
        resum(&self.tx, id.as_str())?;
        self.append(Some(id), Event::KeyRegenerated { key })?;
        Ok(())
    }

    /// Makes the secret that tokens are signed with anew, and says so in the journal.
    ///
    /// # Errors
    /// As [`Writing::secrets`].
    pub fn revoke_tokens(&mut self, id: &DeploymentId) -> Result<(), StoreError> {
        self.secrets(id)?;
        execute(&self.tx, "UPDATE secrets SET tokens = ? WHERE deployment = ?", params![random()?, id.as_str()])?;
        resum(&self.tx, id.as_str())?;
        self.append(Some(id), Event::TokensRevoked {})?;
        Ok(())
    }
}

fn random() -> Result<String, StoreError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(StoreError::NoRandomNumbers)?;
    Ok(hex::encode(bytes))
}
