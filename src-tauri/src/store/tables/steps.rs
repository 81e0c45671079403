//! Steps that the engine took during rollouts, and what people did to them.

use domain::id::{DeploymentId, RolloutNumber};
use domain::ledger::RolloutStep;
use rusqlite::{Connection, params};

use super::entered::Entered;
use super::rows::{execute, readable, to_json};
use crate::store::{Reading, StoreError};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE steps (
    seq        INTEGER PRIMARY KEY,
    deployment TEXT NOT NULL,
    rollout    INTEGER NOT NULL,
    record     TEXT NOT NULL
);
CREATE INDEX steps_rollout ON steps (deployment, rollout, seq);
";

/// Newest steps of a rollout that are shown.
pub const SHOWN: u32 = 500;
/// As many are looked at to draw the picture of a rollout; it has no more unless its replicas fail for days.
const DRAWN: u32 = 10_000;

pub(super) fn save(connection: &Connection, entered: &Entered<'_>) -> Result<(), StoreError> {
    if let Some(deployment) = entered.gone() {
        return execute(connection, "DELETE FROM steps WHERE deployment = ?", [deployment.as_str()]);
    }
    let (Some((deployment, ..)), Some((rollout, step))) = (entered.kept(), RolloutStep::told(entered.entry)) else {
        return Ok(());
    };
    execute(
        connection,
        "INSERT INTO steps (seq, deployment, rollout, record) VALUES (?, ?, ?, ?)",
        params![entered.entry.seq.0 as i64, deployment.as_str(), rollout.0, to_json("steps", &step)?],
    )
}

impl Reading<'_> {
    /// The newest steps of a rollout, oldest first.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn steps(&self, deployment: &DeploymentId, rollout: RolloutNumber) -> Result<Vec<RolloutStep>, StoreError> {
        self.newest_steps(deployment, rollout, SHOWN)
    }

    /// All steps of a rollout from which its picture is drawn, oldest first.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn all_steps(&self, deployment: &DeploymentId, rollout: RolloutNumber) -> Result<Vec<RolloutStep>, StoreError> {
        self.newest_steps(deployment, rollout, DRAWN)
    }

    fn newest_steps(
        &self,
        deployment: &DeploymentId,
        rollout: RolloutNumber,
        most: u32,
    ) -> Result<Vec<RolloutStep>, StoreError> {
        let sql = "SELECT record FROM (SELECT seq, record FROM steps WHERE deployment = ? AND rollout = ?
                   ORDER BY seq DESC LIMIT ?) ORDER BY seq";
        readable(self.0, "steps", sql, params![deployment.as_str(), rollout.0, most])
    }

    /// What happened last in a rollout, in a sentence.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn last_step(&self, deployment: &DeploymentId, rollout: RolloutNumber) -> Result<Option<String>, StoreError> {
        let sql = "SELECT record FROM steps WHERE deployment = ? AND rollout = ? ORDER BY seq DESC LIMIT 1";
        let last: Vec<RolloutStep> = readable(self.0, "steps", sql, params![deployment.as_str(), rollout.0])?;
        Ok(last.into_iter().next().map(|step| step.reason))
    }
}
