//! What is remembered of replicas, also of those that are gone: the newest of each deployment.

use domain::id::{DeploymentId, ReplicaId};
use domain::ledger::ReplicaPast;
use rusqlite::{Connection, params};

use super::entered::Entered;
use super::rows::{execute, readable, record, to_json};
use crate::store::{Reading, StoreError};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE replica_pasts (
    id         TEXT PRIMARY KEY,
    deployment TEXT NOT NULL,
    seq        INTEGER NOT NULL,
    ended      INTEGER NOT NULL,
    record     TEXT NOT NULL
);
CREATE INDEX replica_pasts_deployment ON replica_pasts (deployment, ended, seq);
";

/// Replicas of a deployment that are remembered when they are gone; of no more is output kept.
const REMEMBERED: u32 = 100;

const DROP_OLDER: &str = "
DELETE FROM replica_pasts WHERE deployment = ?1 AND ended = 1 AND seq <= (
    SELECT seq FROM replica_pasts WHERE deployment = ?1 AND ended = 1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)";

pub(super) fn save(connection: &Connection, entered: &Entered<'_>) -> Result<(), StoreError> {
    if let Some(deployment) = entered.gone() {
        return execute(connection, "DELETE FROM replica_pasts WHERE deployment = ?", [deployment.as_str()]);
    }
    let entry = entered.entry;
    let (Some((deployment, ..)), Some(id)) = (entered.kept(), ReplicaPast::told(&entry.event)) else { return Ok(()) };
    let before = load(connection, id)?;
    let after = ReplicaPast::after(before.clone(), entry);
    let Some(past) = after.filter(|past| before.as_ref() != Some(past)) else { return Ok(()) };
    let ended = past.ended_at.is_some();
    execute(
        connection,
        "INSERT INTO replica_pasts (id, deployment, seq, ended, record) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, ended = excluded.ended, record = excluded.record",
        params![id.as_str(), deployment.as_str(), entry.seq.0 as i64, ended, to_json("replica_pasts", &past)?],
    )?;
    if ended {
        execute(connection, DROP_OLDER, params![deployment.as_str(), REMEMBERED])?;
    }
    Ok(())
}

fn load(connection: &Connection, id: &ReplicaId) -> Result<Option<ReplicaPast>, StoreError> {
    record(connection, "replica_pasts", "SELECT record FROM replica_pasts WHERE id = ?", [id.as_str()])
}

impl Reading<'_> {
    /// What is remembered of a deployment's replicas that are there, oldest first.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn replicas_remembered(&self, deployment: &DeploymentId) -> Result<Vec<ReplicaPast>, StoreError> {
        let sql = "SELECT record FROM replica_pasts WHERE deployment = ? AND ended = 0 ORDER BY id";
        readable(self.0, "replica_pasts", sql, [deployment.as_str()])
    }

    /// What is remembered of a deployment's replicas that are gone, the last first.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn replicas_gone(&self, deployment: &DeploymentId) -> Result<Vec<ReplicaPast>, StoreError> {
        let sql = "SELECT record FROM replica_pasts WHERE deployment = ? AND ended = 1 ORDER BY seq DESC";
        readable(self.0, "replica_pasts", sql, [deployment.as_str()])
    }
}
