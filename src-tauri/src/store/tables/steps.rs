//! Steps that the engine took during rollouts, and what people did to them.

use domain::event::{Entry, Event};
use domain::id::{DeploymentId, RolloutNumber};
use domain::rollout::{Phase, RolloutEvent};
use domain::wire::StepView;
use rusqlite::{Connection, params};

use super::{execute, readable, to_json};
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
const SHOWN: u32 = 500;

pub(super) fn apply(connection: &Connection, entry: &Entry) -> Result<(), StoreError> {
    let Some(deployment) = &entry.deployment else { return Ok(()) };
    let (rollout, step) = match &entry.event {
        Event::StepTaken { rollout: Some(rollout), step, replica, reason, .. } => {
            let (kind, reason) = (step.clone(), reason.clone());
            (rollout, StepView { kind, reason, at: entry.at, replica: replica.clone() })
        }
        Event::RolloutMoved { number, event, phase, problem, .. } => {
            let kind = match event {
                RolloutEvent::Begin => "begin",
                RolloutEvent::Pause => "pause",
                RolloutEvent::Resume => "resume",
                RolloutEvent::Cancel => "cancel",
                RolloutEvent::Fail(_) | RolloutEvent::Stop(_) | RolloutEvent::Die(_) => "fail",
                RolloutEvent::Settle => "settle",
                RolloutEvent::Supersede => "supersede",
            };
            let reason = problem.clone().unwrap_or_else(|| match (event, phase) {
                (RolloutEvent::Begin, _) => "the plan is carried out".to_owned(),
                (RolloutEvent::Settle, Phase::Completed) => "every replica runs the new revision".to_owned(),
                (RolloutEvent::Settle, _) => "every replica runs the revision before".to_owned(),
                _ => format!("by {}", entry.actor),
            });
            (number, StepView { kind: kind.to_owned(), reason, at: entry.at, replica: None })
        }
        Event::DeploymentDeleted { .. } => {
            return execute(connection, "DELETE FROM steps WHERE deployment = ?", [deployment.as_str()]);
        }
        _ => return Ok(()),
    };
    execute(
        connection,
        "INSERT INTO steps (seq, deployment, rollout, record) VALUES (?, ?, ?, ?)",
        params![entry.seq.0 as i64, deployment.as_str(), rollout.0, to_json("steps", &step)?],
    )
}

impl Reading<'_> {
    /// The newest steps of a rollout, oldest first.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn steps(&self, deployment: &DeploymentId, rollout: RolloutNumber) -> Result<Vec<StepView>, StoreError> {
        let sql = "SELECT record FROM (SELECT seq, record FROM steps WHERE deployment = ? AND rollout = ?
                   ORDER BY seq DESC LIMIT ?) ORDER BY seq";
        readable(self.0, "steps", sql, params![deployment.as_str(), rollout.0, SHOWN])
    }
}
