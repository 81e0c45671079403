//! Configurations of deployments; never changed once made.

use domain::configuration::Configuration;
use domain::event::Event;
use domain::id::{Actor, ConfigurationId, DeploymentId};
use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use super::{Entered, count, execute, readable, record, records, to_json};
use crate::store::{Reading, StoreError};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE configurations (
    id         TEXT PRIMARY KEY,
    deployment TEXT NOT NULL,
    seq        INTEGER NOT NULL,
    record     TEXT NOT NULL
);
CREATE INDEX configurations_deployment ON configurations (deployment, seq);
";

/// A configuration with what it belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfigurationRow {
    /// Which one.
    pub id: ConfigurationId,
    /// Whose.
    pub deployment: DeploymentId,
    /// What it holds.
    pub configuration: Configuration,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: Actor,
}

pub(super) fn save(connection: &Connection, entered: &Entered<'_>) -> Result<(), StoreError> {
    if let Some(deployment) = entered.gone() {
        return execute(connection, "DELETE FROM configurations WHERE deployment = ?", [deployment.as_str()]);
    }
    let entry = entered.entry;
    match (&entry.event, &entry.deployment) {
        (Event::ConfigurationCreated { id, configuration }, Some(deployment)) => {
            let row = ConfigurationRow {
                id: id.clone(),
                deployment: deployment.clone(),
                configuration: configuration.as_ref().clone(),
                created_at: entry.at,
                created_by: entry.actor.clone(),
            };
            execute(
                connection,
                "INSERT INTO configurations (id, deployment, seq, record) VALUES (?, ?, ?, ?)",
                params![id.as_str(), deployment.as_str(), entry.seq.0 as i64, to_json("configurations", &row)?],
            )
        }
        _ => Ok(()),
    }
}

const ALL: &str = "SELECT record FROM configurations WHERE deployment = ? ORDER BY seq DESC";

impl Reading<'_> {
    /// A deployment's configurations, newest first.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn configurations(&self, deployment: &DeploymentId) -> Result<Vec<ConfigurationRow>, StoreError> {
        records(self.0, "configurations", ALL, [deployment.as_str()])
    }

    /// The same for a list: without those that cannot be read.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn readable_configurations(&self, deployment: &DeploymentId) -> Result<Vec<ConfigurationRow>, StoreError> {
        readable(self.0, "configurations", ALL, [deployment.as_str()])
    }

    /// How many a deployment has.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn configuration_count(&self, deployment: &DeploymentId) -> Result<u64, StoreError> {
        count(self.0, "SELECT count(*) FROM configurations WHERE deployment = ?", [deployment.as_str()])
    }

    /// One configuration.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn configuration(&self, id: &ConfigurationId) -> Result<Option<ConfigurationRow>, StoreError> {
        record(self.0, "configurations", "SELECT record FROM configurations WHERE id = ?", [id.as_str()])
    }
}
