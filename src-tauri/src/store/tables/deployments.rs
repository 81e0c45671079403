//! Deployments: the stable inference URLs and the intent behind each.

use domain::id::DeploymentId;
use domain::ledger::{Deployment, Ledger};
use rusqlite::{Connection, params};

use super::entered::Entered;
use super::rows::{count, execute, first_readable, readable, record, records, to_json};
use crate::store::{Reading, StoreError};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE deployments (
    id     TEXT PRIMARY KEY,
    name   TEXT NOT NULL UNIQUE,
    record TEXT NOT NULL
);
";

pub(super) fn save(connection: &Connection, entered: &Entered<'_>) -> Result<(), StoreError> {
    match entered.ledgers() {
        (None, Some(Ledger { deployment, .. })) => execute(
            connection,
            "INSERT INTO deployments (id, name, record) VALUES (?, ?, ?)",
            params![deployment.id.as_str(), deployment.name.as_str(), to_json("deployments", deployment)?],
        ),
        (Some(before), Some(Ledger { deployment, .. })) if *deployment != before.deployment => execute(
            connection,
            "UPDATE deployments SET record = ? WHERE id = ?",
            params![to_json("deployments", deployment)?, deployment.id.as_str()],
        ),
        (Some(gone), None) => {
            execute(connection, "DELETE FROM deployments WHERE id = ?", [gone.deployment.id.as_str()])
        }
        _ => Ok(()),
    }
}

pub(super) fn load(connection: &Connection, id: &DeploymentId) -> Result<Option<Deployment>, StoreError> {
    record(connection, "deployments", "SELECT record FROM deployments WHERE id = ?", [id.as_str()])
}

impl Reading<'_> {
    /// Every deployment, by name.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn deployments(&self) -> Result<Vec<Deployment>, StoreError> {
        records(self.0, "deployments", "SELECT record FROM deployments ORDER BY name", [])
    }

    /// Every deployment whose row can be read, by name: for lists.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn readable_deployments(&self) -> Result<Vec<Deployment>, StoreError> {
        readable(self.0, "deployments", "SELECT record FROM deployments ORDER BY name", [])
    }

    /// The first deployments by name, at most `limit`, whose names come after `after` and which `takes` takes, as far as
    /// their rows can be read. Those after them are not read.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn first_deployments(
        &self,
        after: &str,
        limit: usize,
        takes: impl Fn(&Deployment) -> bool,
    ) -> Result<Vec<Deployment>, StoreError> {
        let sql = "SELECT record FROM deployments WHERE name > ? ORDER BY name";
        first_readable(self.0, "deployments", sql, [after], limit, takes)
    }

    /// The number of deployments.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn deployment_count(&self) -> Result<u64, StoreError> {
        count(self.0, "SELECT count(*) FROM deployments", [])
    }

    /// One deployment.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn deployment(&self, id: &DeploymentId) -> Result<Option<Deployment>, StoreError> {
        load(self.0, id)
    }

    /// The deployment with this name, else the one with this id.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn deployment_called(&self, name_or_id: &str) -> Result<Option<Deployment>, StoreError> {
        let sql = "SELECT record FROM deployments WHERE name = ?1 OR id = ?1 ORDER BY name = ?1 DESC LIMIT 1";
        record(self.0, "deployments", sql, [name_or_id])
    }
}
