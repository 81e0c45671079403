//! Rollouts: where each stands, how it moves, and what the gateway counted meanwhile.

use domain::event::{Entry, Event};
use domain::id::{DeploymentId, RolloutNumber};
use domain::ledger::Rollout;
use domain::receipt::Receipt;
use domain::rollout::{Marks, Phase, RolloutEvent};
use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{execute, readable, record, to_json};
use crate::store::{Reading, StoreError};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE rollouts (
    deployment TEXT NOT NULL,
    number     INTEGER NOT NULL,
    record     TEXT NOT NULL,
    PRIMARY KEY (deployment, number)
);
";

pub(super) fn apply(connection: &Connection, entry: &Entry) -> Result<(), StoreError> {
    let Some(deployment) = &entry.deployment else { return Ok(()) };
    match &entry.event {
        Event::RolloutStarted {
            number,
            to_revision,
            from_revision,
            strategy,
            reason,
            note,
            plan_hash,
            on_failure,
            purpose,
            rolled_back_to,
            quarantine_override,
            compatibility,
            ..
        } => {
            let row = Rollout {
                number: *number,
                from_revision: *from_revision,
                to_revision: *to_revision,
                phase: Phase::Pending,
                strategy: *strategy,
                marks: Marks::new(entry.at),
                paused_at: None,
                reason: *reason,
                note: note.clone(),
                actor: entry.actor.clone(),
                started_at: entry.at,
                ended_at: None,
                error: None,
                plan_hash: plan_hash.clone(),
                receipt: Receipt::default(),
                on_failure: *on_failure,
                kind: *purpose,
                rolled_back_to: *rolled_back_to,
                quarantine_override: quarantine_override.clone(),
                compatibility: compatibility.clone(),
            };
            save(connection, deployment, &row)
        }
        Event::RolloutMoved { number, event, phase, problem, receipt, .. } => {
            let Some(mut row) = load(connection, deployment, *number)? else { return Ok(()) };
            row.marks = row.marks.running(entry.at);
            moved(&mut row, *event, entry.at);
            row.phase = *phase;
            row.receipt = receipt.clone();
            if problem.is_some() {
                row.error.clone_from(problem);
            }
            if !phase.is_active() {
                row.ended_at = Some(entry.at);
            }
            save(connection, deployment, &row)
        }
        Event::RolloutProgressed { number, available, receipt } => {
            let Some(mut row) = load(connection, deployment, *number)? else { return Ok(()) };
            row.marks = Marks { best: *available, progress_at: entry.at, ..row.marks.running(entry.at) };
            row.receipt = receipt.clone();
            save(connection, deployment, &row)
        }
        Event::StepTaken { rollout: Some(number), stands, .. } => {
            let Some(mut row) = load(connection, deployment, *number)? else { return Ok(()) };
            let before = row.marks;
            row.marks = if *stands { before.standing(entry.at) } else { before.running(entry.at) };
            if row.marks == before { Ok(()) } else { save(connection, deployment, &row) }
        }
        Event::TargetUnseen { rollout: Some(number), .. } => {
            let Some(mut row) = load(connection, deployment, *number)?.filter(Rollout::clock_runs) else {
                return Ok(());
            };
            row.marks = row.marks.standing(entry.at);
            save(connection, deployment, &row)
        }
        Event::TargetSeen { rollout: Some(number) } => {
            let Some(mut row) = load(connection, deployment, *number)? else { return Ok(()) };
            row.marks = row.marks.running(entry.at);
            save(connection, deployment, &row)
        }
        Event::RolloutUnattended { number, since } => {
            let Some(mut row) = load(connection, deployment, *number)? else { return Ok(()) };
            row.marks = row.marks.moved_on(entry.at.duration_since(*since));
            save(connection, deployment, &row)
        }
        Event::ReceiptClosed { number, receipt } => {
            let Some(mut row) = load(connection, deployment, *number)? else { return Ok(()) };
            row.receipt = receipt.clone();
            save(connection, deployment, &row)
        }
        Event::DeploymentDeleted { .. } => {
            execute(connection, "DELETE FROM rollouts WHERE deployment = ?", [deployment.as_str()])
        }
        _ => Ok(()),
    }
}

/// Sets the marks that the deadlines are measured from.
fn moved(row: &mut Rollout, event: RolloutEvent, at: Timestamp) {
    match event {
        RolloutEvent::Pause => row.paused_at = Some(at),
        RolloutEvent::Begin => row.marks.progress_at = at,
        RolloutEvent::Resume => {
            if let Some(paused_at) = row.paused_at.take() {
                row.marks.started_at += at.duration_since(paused_at);
            }
            row.marks.progress_at = at;
        }
        RolloutEvent::Cancel | RolloutEvent::Fail(_) => {
            row.paused_at = None;
            row.marks.progress_at = at;
            row.marks.best = 0;
        }
        RolloutEvent::Settle | RolloutEvent::Supersede | RolloutEvent::Stop(_) | RolloutEvent::Die(_) => {}
    }
}

fn save(connection: &Connection, deployment: &DeploymentId, row: &Rollout) -> Result<(), StoreError> {
    execute(
        connection,
        "INSERT OR REPLACE INTO rollouts (deployment, number, record) VALUES (?, ?, ?)",
        params![deployment.as_str(), row.number.0, to_json("rollouts", row)?],
    )
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
}
