//! Registered model versions.

use std::collections::HashSet;

use domain::event::Event;
use domain::id::{DeploymentName, Digest, ModelName, ModelRef, ModelVersion, RevisionNumber};
use domain::ledger::Deployment;
use domain::model::RegisteredModel;
use domain::revision::{Quarantine, RevisionState};
use rusqlite::{Connection, params};
use serde::Deserialize;

use super::entered::Entered;
use super::rows::{count, execute, readable, record, records, to_json};
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

/// The record of `table`, or nothing where it is no JSON: one damaged row does not stop a list.
fn sound(table: &str) -> String {
    format!("iif(json_valid({table}.record), {table}.record, NULL)")
}

pub(super) fn save(connection: &Connection, entered: &Entered<'_>) -> Result<(), StoreError> {
    match &entered.entry.event {
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

/// A model version that a revision of a deployment binds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ListedModel {
    /// The model version.
    pub model: ModelRef,
    /// The deployment.
    pub deployment: DeploymentName,
    /// Its revision.
    pub revision: RevisionNumber,
    /// The state that the revision has come to.
    pub state: RevisionState,
    /// The revision is known to be bad.
    pub quarantined: Option<Quarantine>,
}

impl Reading<'_> {
    /// Names of models that hold `part` and come after `after`, in their order, at most `limit`.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn model_names(&self, part: &str, after: &str, limit: u32) -> Result<Vec<ModelName>, StoreError> {
        let sql = "SELECT json_quote(name) FROM models
                   WHERE name > ?2 AND deleted = 0 AND instr(name, ?1) > 0 GROUP BY name ORDER BY name LIMIT ?3";
        records(self.0, "models", sql, params![part, after, limit])
    }

    /// The number of versions of a model.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn version_count(&self, name: &ModelName) -> Result<u64, StoreError> {
        count(self.0, "SELECT count(*) FROM models WHERE name = ? AND deleted = 0", [name.as_str()])
    }

    /// The digest of every version.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn digests(&self) -> Result<HashSet<Digest>, StoreError> {
        let sql = "SELECT DISTINCT json_quote(digest) FROM models WHERE deleted = 0";
        Ok(records(self.0, "models", sql, [])?.into_iter().collect())
    }

    /// The digest of every version that was deleted.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn deleted_digests(&self) -> Result<HashSet<Digest>, StoreError> {
        let sql = "SELECT DISTINCT json_quote(digest) FROM models WHERE deleted = 1";
        Ok(records(self.0, "models", sql, [])?.into_iter().collect())
    }

    /// True when a version has this digest.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn has_digest(&self, digest: &Digest) -> Result<bool, StoreError> {
        let sql = "SELECT count(*) FROM models WHERE digest = ? AND deleted = 0";
        Ok(count(self.0, sql, [digest.as_str()])? > 0)
    }

    /// The versions of one model, newest first: those before `before`, at most `limit`.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn model_versions(
        &self,
        name: &ModelName,
        before: Option<ModelVersion>,
        limit: u32,
    ) -> Result<Vec<RegisteredModel>, StoreError> {
        let sql = "SELECT record FROM models WHERE name = ?1 AND version < ?2 AND deleted = 0
                   ORDER BY version DESC LIMIT ?3";
        let before = before.map_or(i64::MAX, |version| version.0.into());
        let models: Vec<RegisteredModel> = readable(self.0, "models", sql, params![name.as_str(), before, limit])?;
        Ok(models.into_iter().map(RegisteredModel::as_read_today).collect())
    }

    /// One version.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn model(&self, model: &ModelRef) -> Result<Option<RegisteredModel>, StoreError> {
        let sql = "SELECT record FROM models WHERE name = ? AND version = ? AND deleted = 0";
        let found: Option<RegisteredModel> =
            record(self.0, "models", sql, params![model.name.as_str(), model.version.0])?;
        Ok(found.map(RegisteredModel::as_read_today))
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

    /// The newest version that a model has.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn newest_version(&self, name: &ModelName) -> Result<Option<ModelVersion>, StoreError> {
        let mut statement = self.0.prepare_cached("SELECT max(version) FROM models WHERE name = ? AND deleted = 0")?;
        let version: Option<u32> = statement.query_row([name.as_str()], |row| row.get(0))?;
        Ok(version.map(ModelVersion))
    }

    /// Every revision of every deployment, with each model version that it binds, by the deployment's name.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn listed_models(&self) -> Result<Vec<ListedModel>, StoreError> {
        let (revision, configuration) = (sound("revision"), sound("configuration"));
        let sql = format!(
            "SELECT json_object('model', model.value, 'deployment', deployment.name, 'revision', revision.number,
                 'state', json_extract({revision}, '$.state'), 'quarantined', json_extract({revision}, '$.quarantined'))
             FROM deployments AS deployment
             JOIN revisions AS revision ON revision.deployment = deployment.id
             JOIN configurations AS configuration ON configuration.id = json_extract({revision}, '$.configuration'),
                 json_each({configuration}, '$.configuration.models') AS model
             ORDER BY deployment.name"
        );
        readable(self.0, "configurations", &sql, [])
    }

    /// Every revision that a deployment has not been parted from and that binds this model version.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn bindings(&self, model: &ModelRef) -> Result<Vec<(Deployment, RevisionNumber)>, StoreError> {
        let sql = "SELECT json_array(json(deployment.record), revision.number)
                   FROM revisions AS revision
                   JOIN deployments AS deployment ON deployment.id = revision.deployment
                   JOIN configurations AS configuration
                       ON configuration.id = json_extract(revision.record, '$.configuration')
                   WHERE EXISTS (SELECT 1 FROM json_each(configuration.record, '$.configuration.models') AS bound
                                 WHERE bound.value = ?)
                   ORDER BY deployment.name, revision.number";
        records(self.0, "configurations", sql, [model.to_string()])
    }
}
