//! Checks of candidates beside their deployments.

use domain::compat::{CheckStep, Report, Trial};
use domain::configuration::Configuration;
use domain::event::{Entry, Event};
use domain::id::{Actor, CheckId, DeploymentId};
use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use super::{execute, readable, record, records, to_json};
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

/// One check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckRow {
    /// Which one.
    pub id: CheckId,
    /// The deployment that it runs beside.
    pub deployment: DeploymentId,
    /// What would be rolled out.
    pub configuration: Configuration,
    /// Where it stands.
    pub step: CheckStep,
    /// Who asked for it.
    pub actor: Actor,
    /// When.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What the scratch replica showed.
    pub trial: Option<Trial>,
    /// What all checks came to when it ended.
    pub report: Option<Report>,
}

pub(super) fn apply(connection: &Connection, entry: &Entry) -> Result<(), StoreError> {
    let Some(deployment) = &entry.deployment else { return Ok(()) };
    match &entry.event {
        Event::CheckStarted { id, configuration } => {
            let row = CheckRow {
                id: id.clone(),
                deployment: deployment.clone(),
                configuration: configuration.as_ref().clone(),
                step: CheckStep::Queued,
                actor: entry.actor.clone(),
                started_at: entry.at,
                ended_at: None,
                trial: None,
                report: None,
            };
            save(connection, &row)?;
            let sql = "DELETE FROM checks WHERE deployment = ?1 AND id NOT IN
                       (SELECT id FROM checks WHERE deployment = ?1 ORDER BY id DESC LIMIT ?2)";
            execute(connection, sql, params![deployment.as_str(), MOST])
        }
        Event::CheckMoved { id, step } => {
            let Some(mut row) = load(connection, id)? else { return Ok(()) };
            row.step = *step;
            save(connection, &row)
        }
        Event::CheckEnded { id, trial, report } => {
            let Some(mut row) = load(connection, id)? else { return Ok(()) };
            row.step = CheckStep::Ended;
            row.ended_at = Some(entry.at);
            row.trial = Some(trial.clone());
            row.report = Some(report.clone());
            save(connection, &row)
        }
        Event::DeploymentDeleted { .. } => {
            execute(connection, "DELETE FROM checks WHERE deployment = ?", [deployment.as_str()])
        }
        _ => Ok(()),
    }
}

fn save(connection: &Connection, row: &CheckRow) -> Result<(), StoreError> {
    let ended = if row.step == CheckStep::Ended { "ended" } else { "open" };
    execute(
        connection,
        "INSERT OR REPLACE INTO checks (id, deployment, content, step, record) VALUES (?, ?, ?, ?, ?)",
        params![
            row.id.as_str(),
            row.deployment.as_str(),
            row.configuration.code_hash(),
            ended,
            to_json("checks", row)?
        ],
    )
}

fn load(connection: &Connection, id: &CheckId) -> Result<Option<CheckRow>, StoreError> {
    record(connection, "checks", "SELECT record FROM checks WHERE id = ?", [id.as_str()])
}

impl Reading<'_> {
    /// One check.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn check(&self, id: &CheckId) -> Result<Option<CheckRow>, StoreError> {
        load(self.0, id)
    }

    /// The newest checks of a deployment, newest first.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn checks(&self, deployment: &DeploymentId, limit: u32) -> Result<Vec<CheckRow>, StoreError> {
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
    ) -> Result<Option<CheckRow>, StoreError> {
        let sql = "SELECT record FROM checks WHERE deployment = ? AND content = ? AND step = 'ended'
                   ORDER BY json_extract(record, '$.trial.loads.result') = 'not_tried', id DESC LIMIT 1";
        record(self.0, "checks", sql, params![deployment.as_str(), configuration.code_hash()])
    }

    /// Checks that have not ended, oldest first.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn open_checks(&self) -> Result<Vec<CheckRow>, StoreError> {
        records(self.0, "checks", "SELECT record FROM checks WHERE step = 'open' ORDER BY id", [])
    }
}
