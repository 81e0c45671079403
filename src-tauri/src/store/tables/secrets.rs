//! What callers of an inference URL must know: two keys and the secret that tokens are signed with (AZ-3).
//!
//! Not covered by the journal, which is shown and exported: a secret stands here and nowhere else. The file is
//! the server's own, in a directory that nobody else may open.

use std::fmt;

use domain::credential::Key;
use domain::event::{Entry, Event};
use domain::id::DeploymentId;
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::store::{Reading, StoreError, Writing};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE secrets (
    deployment    TEXT PRIMARY KEY,
    primary_key   TEXT NOT NULL,
    secondary_key TEXT NOT NULL,
    tokens        TEXT NOT NULL
);
";

/// A deployment's secrets. Each is 32 random bytes in hexadecimal.
#[derive(Clone, PartialEq, Eq)]
pub struct Secrets {
    /// The first key.
    pub primary: String,
    /// The second key.
    pub secondary: String,
    /// What tokens are signed with.
    pub tokens: String,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}

pub(in crate::store) fn apply(connection: &Connection, entry: &Entry) -> Result<(), StoreError> {
    match (&entry.event, &entry.deployment) {
        (Event::DeploymentDeleted { .. }, Some(id)) => {
            super::execute(connection, "DELETE FROM secrets WHERE deployment = ?", [id.as_str()])
        }
        _ => Ok(()),
    }
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
        super::execute(
            &self.tx,
            "INSERT INTO secrets (deployment, primary_key, secondary_key, tokens) VALUES (?, ?, ?, ?)",
            params![id.as_str(), primary, secondary, tokens],
        )?;
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
        super::execute(&self.tx, sql, params![random()?, id.as_str()])?;
        self.append(Some(id), Event::KeyRegenerated { key })?;
        Ok(())
    }

    /// Makes the secret that tokens are signed with anew, and says so in the journal.
    ///
    /// # Errors
    /// As [`Writing::secrets`].
    pub fn revoke_tokens(&mut self, id: &DeploymentId) -> Result<(), StoreError> {
        self.secrets(id)?;
        super::execute(
            &self.tx,
            "UPDATE secrets SET tokens = ? WHERE deployment = ?",
            params![random()?, id.as_str()],
        )?;
        self.append(Some(id), Event::TokensRevoked {})?;
        Ok(())
    }
}

fn random() -> Result<String, StoreError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(StoreError::NoRandomNumbers)?;
    Ok(hex::encode(bytes))
}
