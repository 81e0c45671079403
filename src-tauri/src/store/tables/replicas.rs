//! Replicas: what is meant to become of each, and what was last seen of it.

use domain::id::{DeploymentId, ReplicaId, TargetName};
use domain::place::Place;
use domain::replica::{Intent, ReplicaRecord};
use rusqlite::{Connection, params};

use super::entered::Entered;
use super::rows::{execute, readable, record, records, to_json};
use crate::store::{Reading, StoreError};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE replicas (
    id         TEXT PRIMARY KEY,
    deployment TEXT NOT NULL,
    seq        INTEGER NOT NULL,
    record     TEXT NOT NULL
);
CREATE INDEX replicas_deployment ON replicas (deployment, seq);
";

pub(super) fn save(connection: &Connection, entered: &Entered<'_>) -> Result<(), StoreError> {
    if let Some(deployment) = entered.gone() {
        execute(connection, "DELETE FROM replicas WHERE deployment = ?", [deployment.as_str()])?;
    }
    let Some((deployment, before, after)) = entered.kept() else { return Ok(()) };
    for replica in after.replicas.iter().filter(|replica| !before.replicas.contains(replica)) {
        execute(
            connection,
            "INSERT INTO replicas (id, deployment, seq, record) VALUES (?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET record = excluded.record",
            params![
                replica.id.as_str(),
                deployment.as_str(),
                entered.entry.seq.0 as i64,
                to_json("replicas", replica)?
            ],
        )?;
    }
    for gone in before.replicas.iter().filter(|known| !after.replicas.iter().any(|replica| replica.id == known.id)) {
        execute(connection, "DELETE FROM replicas WHERE id = ?", [gone.id.as_str()])?;
    }
    Ok(())
}

pub(super) fn load(connection: &Connection, id: &ReplicaId) -> Result<Option<ReplicaRecord>, StoreError> {
    record(connection, "replicas", "SELECT record FROM replicas WHERE id = ?", [id.as_str()])
}

/// The resources that one replica holds of its machine.
#[derive(Clone, Debug)]
pub struct Held {
    /// The deployment that the replica belongs to.
    pub deployment: DeploymentId,
    /// The resources that the replica was given.
    pub place: Place,
}

const EVERY: &str = "SELECT iif(json_valid(record), json_array(deployment, json(record)), record) FROM replicas";

const OF_TARGET: &str = "
SELECT iif(json_valid(r.record), json_array(r.deployment, json(r.record)), r.record)
FROM replicas r LEFT JOIN deployments d ON d.id = r.deployment
WHERE ifnull(iif(json_valid(d.record), json_extract(d.record, '$.target'), NULL), ?1) = ?1";

impl Reading<'_> {
    /// A deployment's replicas, oldest first.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn replicas(&self, deployment: &DeploymentId) -> Result<Vec<ReplicaRecord>, StoreError> {
        records(
            self.0,
            "replicas",
            "SELECT record FROM replicas WHERE deployment = ? ORDER BY seq, id",
            [deployment.as_str()],
        )
    }

    /// The ids of all replicas of all deployments.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn replica_ids(&self) -> Result<Vec<ReplicaId>, StoreError> {
        records(self.0, "replicas", "SELECT json_quote(id) FROM replicas", [])
    }

    /// The resources held by every replica of a target that may exist or is to be started again: its deployment and its
    /// place.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn claims(&self, target: &TargetName) -> Result<Vec<Held>, StoreError> {
        let may_exist = |record: &ReplicaRecord| record.intent == Intent::Run || record.observed.may_exist();
        let held = |(deployment, record): (DeploymentId, ReplicaRecord)| Held {
            deployment,
            place: Place { claim: record.claim, gpus: record.gpus },
        };
        // What one that cannot be read holds must not be given to another, nor what one holds whose target cannot be read.
        let replicas: Vec<(DeploymentId, ReplicaRecord)> = records(self.0, "replicas", OF_TARGET, [target.as_str()])?;
        Ok(replicas.into_iter().filter(|(_, record)| may_exist(record)).map(held).collect())
    }

    /// The replicas of all deployments, each with its deployment, without those that cannot be read.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn readable_replicas(&self) -> Result<Vec<(DeploymentId, ReplicaRecord)>, StoreError> {
        readable(self.0, "replicas", EVERY, [])
    }
}
