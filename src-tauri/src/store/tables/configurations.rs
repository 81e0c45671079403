//! Configurations, of a deployment or of none yet; never changed once made.

use domain::configuration::Configuration;
use domain::event::Event;
use domain::id::{Actor, ConfigurationId, DeploymentId};
use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use super::entered::Entered;
use super::rows::{count, execute, readable, record, records, to_json};
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

/// Some belong to no deployment. The rows are made again from the journal.
pub(in crate::store) const WITHOUT_DEPLOYMENT: &str = "
DROP TABLE configurations;
CREATE TABLE configurations (
    id         TEXT PRIMARY KEY,
    deployment TEXT,
    seq        INTEGER NOT NULL,
    record     TEXT NOT NULL
);
CREATE INDEX configurations_deployment ON configurations (deployment, seq);
";

/// A configuration with what it belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfigurationRow {
    /// The id of the configuration.
    pub id: ConfigurationId,
    /// The deployment that it was made for; none where it was made before any, and every deployment may be given it.
    pub deployment: Option<DeploymentId>,
    /// The configuration itself.
    pub configuration: Configuration,
    /// The time at which it was made.
    pub created_at: Timestamp,
    /// The caller who made it.
    pub created_by: Actor,
}

pub(super) fn save(connection: &Connection, entered: &Entered<'_>) -> Result<(), StoreError> {
    if let Some(deployment) = entered.gone() {
        return execute(connection, "DELETE FROM configurations WHERE deployment = ?", [deployment.as_str()]);
    }
    let entry = entered.entry;
    match (&entry.event, &entry.deployment) {
        (Event::ConfigurationCreated { id, configuration }, deployment) => {
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
                params![
                    id.as_str(),
                    deployment.as_ref().map(|id| id.as_str()),
                    entry.seq.0 as i64,
                    to_json("configurations", &row)?
                ],
            )
        }
        _ => Ok(()),
    }
}

/// Those of a deployment: made for it, or for none and given to it.
const ALL: &str = "SELECT record FROM configurations WHERE deployment = ?1 OR deployment IS NULL AND id IN
    (SELECT CASE WHEN json_valid(record) THEN record ->> 'configuration' END FROM revisions WHERE deployment = ?1)
    ORDER BY seq DESC";

/// Those of no deployment.
const FREE: &str = "SELECT record FROM configurations WHERE deployment IS NULL ORDER BY seq DESC";

impl Reading<'_> {
    /// A deployment's configurations, newest first, those included that were made before it and given to it.
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

    /// Those that were made for no deployment, newest first, without those that cannot be read.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn free_configurations(&self) -> Result<Vec<ConfigurationRow>, StoreError> {
        readable(self.0, "configurations", FREE, [])
    }

    /// The number of configurations that were made for a deployment, or for none.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn configuration_count(&self, deployment: Option<&DeploymentId>) -> Result<u64, StoreError> {
        let id = deployment.map(|deployment| deployment.as_str());
        count(self.0, "SELECT count(*) FROM configurations WHERE deployment IS ?", [id])
    }

    /// One configuration.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn configuration(&self, id: &ConfigurationId) -> Result<Option<ConfigurationRow>, StoreError> {
        record(self.0, "configurations", "SELECT record FROM configurations WHERE id = ?", [id.as_str()])
    }
}
