//! Registered model versions.

use domain::event::{Entry, Event};
use domain::id::{DeploymentName, ModelName, ModelRef, ModelVersion};
use domain::model::RegisteredModel;
use rusqlite::{Connection, params};

use super::{execute, record, records, to_json};
use crate::store::{Reading, StoreError};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE models (
    name    TEXT NOT NULL,
    version INTEGER NOT NULL,
    digest  TEXT NOT NULL,
    record  TEXT NOT NULL,
    PRIMARY KEY (name, version)
);
";

/// A deleted version keeps its row, so that its number is not used again.
pub(in crate::store) const DELETED: &str = "ALTER TABLE models ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;";

pub(super) fn apply(connection: &Connection, entry: &Entry) -> Result<(), StoreError> {
    match &entry.event {
        Event::ModelRegistered { model } => execute(
            connection,
            "INSERT INTO models (name, version, digest, record) VALUES (?, ?, ?, ?)",
            params![model.name.as_str(), model.version.0, model.digest.as_str(), to_json("models", model)?],
        ),
        Event::ModelDeleted { model } => execute(
            connection,
            "UPDATE models SET deleted = 1 WHERE name = ? AND version = ?",
            params![model.name.as_str(), model.version.0],
        ),
        _ => Ok(()),
    }
}

impl Reading<'_> {
    /// Every version of every model: by name, newest version first.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn models(&self) -> Result<Vec<RegisteredModel>, StoreError> {
        records(self.0, "models", "SELECT record FROM models WHERE deleted = 0 ORDER BY name, version DESC", [])
    }

    /// The versions of one model, newest first.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn model_versions(&self, name: &ModelName) -> Result<Vec<RegisteredModel>, StoreError> {
        let sql = "SELECT record FROM models WHERE name = ? AND deleted = 0 ORDER BY version DESC";
        records(self.0, "models", sql, [name.as_str()])
    }

    /// One version.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn model(&self, model: &ModelRef) -> Result<Option<RegisteredModel>, StoreError> {
        let sql = "SELECT record FROM models WHERE name = ? AND version = ? AND deleted = 0";
        record(self.0, "models", sql, params![model.name.as_str(), model.version.0])
    }

    /// The highest version number that a model has had, deleted versions included.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn latest_version(&self, name: &ModelName) -> Result<Option<ModelVersion>, StoreError> {
        let mut statement = self.0.prepare_cached("SELECT max(version) FROM models WHERE name = ?")?;
        let version: Option<u32> = statement.query_row([name.as_str()], |row| row.get(0))?;
        Ok(version.map(ModelVersion))
    }

    /// Every model version that is bound by the configuration in use of a deployment, with that deployment, by its
    /// name. While a rollout is in progress, both the configuration it leads to and the last good one are in use.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn model_users(&self) -> Result<Vec<(ModelRef, DeploymentName)>, StoreError> {
        let sql = "SELECT DISTINCT json_array(model.value, deployment.name)
                   FROM deployments AS deployment
                   JOIN revisions AS revision ON revision.deployment = deployment.id AND revision.number IN
                       (json_extract(deployment.record, '$.intended'), json_extract(deployment.record, '$.good'))
                   JOIN configurations AS configuration
                       ON configuration.id = json_extract(revision.record, '$.configuration'),
                       json_each(configuration.record, '$.configuration.models') AS model
                   WHERE json_extract(deployment.record, '$.target_status') = 'running'
                   ORDER BY deployment.name";
        records(self.0, "configurations", sql, [])
    }
}
