//! Checks of candidates beside their deployments.

use domain::compat::CheckStep;
use domain::configuration::Configuration;
use domain::id::{CheckId, DeploymentId};
use domain::ledger::CandidateCheck;
use rusqlite::{Connection, params};

use super::entered::Entered;
use super::rows::{execute, readable, record, records, to_json};
use crate::store::{Reading, StoreError};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE checks (
    id         TEXT PRIMARY KEY,
    deployment TEXT NOT NULL,
    content    TEXT NOT NULL,
    step       TEXT NOT NULL,
    record     TEXT NOT NULL
);
CREATE INDEX checks_by_deployment ON checks (deployment, content);
CREATE INDEX checks_by_step ON checks (step);
";

/// Most checks of one deployment that are kept.
const MOST: u32 = 200;

pub(super) fn save(connection: &Connection, entered: &Entered<'_>) -> Result<(), StoreError> {
    if let Some(deployment) = entered.gone() {
        return execute(connection, "DELETE FROM checks WHERE deployment = ?", [deployment.as_str()]);
    }
    let Some(id) = CandidateCheck::named(&entered.entry.event) else { return Ok(()) };
    let before = load(connection, id)?;
    let is_new = before.is_none();
    let Some(check) = CandidateCheck::after(before, entered.entry) else { return Ok(()) };
    let step = if check.step == CheckStep::Ended { "ended" } else { "open" };
    execute(
        connection,
        "INSERT OR REPLACE INTO checks (id, deployment, content, step, record) VALUES (?, ?, ?, ?, ?)",
        params![
            check.id.as_str(),
            check.deployment.as_str(),
            check.configuration.code_hash(),
            step,
            to_json("checks", &check)?
        ],
    )?;
    if is_new {
        let sql = "DELETE FROM checks WHERE deployment = ?1 AND id NOT IN
                   (SELECT id FROM checks WHERE deployment = ?1 ORDER BY id DESC LIMIT ?2)";
        execute(connection, sql, params![check.deployment.as_str(), MOST])?;
    }
    Ok(())
}

fn load(connection: &Connection, id: &CheckId) -> Result<Option<CandidateCheck>, StoreError> {
    record(connection, "checks", "SELECT record FROM checks WHERE id = ?", [id.as_str()])
}

impl Reading<'_> {
    /// One check.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn check(&self, id: &CheckId) -> Result<Option<CandidateCheck>, StoreError> {
        load(self.0, id)
    }

    /// The newest checks of a deployment, newest first.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn checks(&self, deployment: &DeploymentId, limit: u32) -> Result<Vec<CandidateCheck>, StoreError> {
        let sql = "SELECT record FROM checks WHERE deployment = ? ORDER BY id DESC LIMIT ?";
        readable(self.0, "checks", sql, params![deployment.as_str(), limit])
    }

    /// The newest ended check of what would run the same code. One that could not try anything does not take back what
    /// one before it has shown.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn latest_check(
        &self,
        deployment: &DeploymentId,
        configuration: &Configuration,
    ) -> Result<Option<CandidateCheck>, StoreError> {
        let sql = "SELECT record FROM checks WHERE deployment = ? AND content = ? AND step = 'ended'
                   ORDER BY json_extract(record, '$.trial.loads.result') = 'not_tried', id DESC LIMIT 1";
        record(self.0, "checks", sql, params![deployment.as_str(), configuration.code_hash()])
    }

    /// Checks that have not ended, oldest first.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn open_checks(&self) -> Result<Vec<CandidateCheck>, StoreError> {
        records(self.0, "checks", "SELECT record FROM checks WHERE step = 'open' ORDER BY id", [])
    }
}
