//! Rollouts: where each stands, how it moves, and what the gateway counted meanwhile.

use domain::id::{DeploymentId, RolloutNumber};
use domain::ledger::Rollout;
use rusqlite::{Connection, params};

use super::entered::{Entered, changed};
use super::rows::{execute, readable, record, to_json};
use crate::store::{Reading, StoreError};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE rollouts (
    deployment TEXT NOT NULL,
    number     INTEGER NOT NULL,
    record     TEXT NOT NULL,
    PRIMARY KEY (deployment, number)
);
";

pub(super) fn save(connection: &Connection, entered: &Entered<'_>) -> Result<(), StoreError> {
    if let Some(deployment) = entered.gone() {
        execute(connection, "DELETE FROM rollouts WHERE deployment = ?", [deployment.as_str()])?;
    }
    let Some((deployment, before, after)) = entered.kept() else { return Ok(()) };
    for rollout in changed(&before.rollouts, &after.rollouts) {
        execute(
            connection,
            "INSERT OR REPLACE INTO rollouts (deployment, number, record) VALUES (?, ?, ?)",
            params![deployment.as_str(), rollout.number.0, to_json("rollouts", rollout)?],
        )?;
    }
    Ok(())
}

pub(super) fn load(
    connection: &Connection,
    deployment: &DeploymentId,
    number: RolloutNumber,
) -> Result<Option<Rollout>, StoreError> {
    let sql = "SELECT record FROM rollouts WHERE deployment = ? AND number = ?";
    record(connection, "rollouts", sql, params![deployment.as_str(), number.0])
}

impl Reading<'_> {
    /// One rollout.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn rollout(&self, deployment: &DeploymentId, number: RolloutNumber) -> Result<Option<Rollout>, StoreError> {
        load(self.0, deployment, number)
    }

    /// At most `limit` rollouts before `before`, newest first.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn rollouts(
        &self,
        deployment: &DeploymentId,
        before: Option<RolloutNumber>,
        limit: u32,
    ) -> Result<Vec<Rollout>, StoreError> {
        let before = before.map_or(u32::MAX, |number| number.0);
        let sql = "SELECT record FROM rollouts WHERE deployment = ? AND number < ? ORDER BY number DESC LIMIT ?";
        readable(self.0, "rollouts", sql, params![deployment.as_str(), before, limit])
    }

    /// Every rollout of a deployment that brought every replica to its revision, oldest first.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn completed_rollouts(&self, deployment: &DeploymentId) -> Result<Vec<Rollout>, StoreError> {
        let sql = "SELECT record FROM rollouts WHERE deployment = ? AND json_valid(record)
                   AND json_extract(record, '$.phase') = 'completed' ORDER BY number";
        readable(self.0, "rollouts", sql, [deployment.as_str()])
    }
}
