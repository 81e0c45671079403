//! Revisions: which configuration a deployment was given, as the n-th, and what became of it.

use domain::id::{DeploymentId, RevisionNumber};
use domain::ledger::Revision;
use rusqlite::{Connection, params};

use super::entered::{Entered, changed};
use super::rows::{execute, readable, record, records, to_json};
use crate::store::{Reading, StoreError};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE revisions (
    deployment TEXT NOT NULL,
    number     INTEGER NOT NULL,
    record     TEXT NOT NULL,
    PRIMARY KEY (deployment, number)
);
";

pub(super) fn save(connection: &Connection, entered: &Entered<'_>) -> Result<(), StoreError> {
    if let Some(deployment) = entered.gone() {
        execute(connection, "DELETE FROM revisions WHERE deployment = ?", [deployment.as_str()])?;
    }
    let Some((deployment, before, after)) = entered.kept() else { return Ok(()) };
    for revision in changed(&before.revisions, &after.revisions) {
        execute(
            connection,
            "INSERT OR REPLACE INTO revisions (deployment, number, record) VALUES (?, ?, ?)",
            params![deployment.as_str(), revision.number.0, to_json("revisions", revision)?],
        )?;
    }
    for number in before.revisions.keys().filter(|number| !after.revisions.contains_key(number)) {
        execute(
            connection,
            "DELETE FROM revisions WHERE deployment = ? AND number = ?",
            params![deployment.as_str(), number.0],
        )?;
    }
    Ok(())
}

fn load(
    connection: &Connection,
    deployment: &DeploymentId,
    number: RevisionNumber,
) -> Result<Option<Revision>, StoreError> {
    let sql = "SELECT record FROM revisions WHERE deployment = ? AND number = ?";
    record(connection, "revisions", sql, params![deployment.as_str(), number.0])
}

const ALL: &str = "SELECT record FROM revisions WHERE deployment = ? ORDER BY number DESC";

pub(super) fn all(connection: &Connection, deployment: &DeploymentId) -> Result<Vec<Revision>, StoreError> {
    records(connection, "revisions", ALL, [deployment.as_str()])
}

impl Reading<'_> {
    /// A deployment's revisions, newest first.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn revisions(&self, deployment: &DeploymentId) -> Result<Vec<Revision>, StoreError> {
        all(self.0, deployment)
    }

    /// The same for a list: without those that cannot be read.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn readable_revisions(&self, deployment: &DeploymentId) -> Result<Vec<Revision>, StoreError> {
        readable(self.0, "revisions", ALL, [deployment.as_str()])
    }

    /// One revision.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn revision(&self, deployment: &DeploymentId, number: RevisionNumber) -> Result<Option<Revision>, StoreError> {
        load(self.0, deployment, number)
    }
}
