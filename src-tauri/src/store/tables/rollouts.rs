//! Rollouts: where each stands, how it moves, and what the gateway counted meanwhile.

use domain::compat::Report;
use domain::deployment::{OnFailure, Reason};
use domain::event::{Entry, Event, Receipt, RolloutKind};
use domain::id::{Actor, DeploymentId, RevisionNumber, RolloutNumber};
use domain::rollout::{Marks, Phase, RolloutEvent};
use domain::strategy::Strategy;
use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

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

/// One rollout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RolloutRow {
    /// Which one.
    pub number: RolloutNumber,
    /// The last good revision when it started.
    pub from_revision: Option<RevisionNumber>,
    /// The revision that it leads to.
    pub to_revision: RevisionNumber,
    /// Where it stands.
    pub phase: Phase,
    /// How it moves.
    pub strategy: Strategy,
    /// What its deadlines are measured from.
    pub marks: Marks,
    /// Since when it is paused.
    pub paused_at: Option<Timestamp>,
    /// Why.
    pub reason: Option<Reason>,
    /// A sentence about why.
    pub note: Option<String>,
    /// Who asked for it.
    pub actor: Actor,
    /// When.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What went wrong.
    pub error: Option<String>,
    /// Hash of configuration and plan.
    pub plan_hash: String,
    /// The gateway's count, as last recorded.
    pub receipt: Receipt,
    /// What a failure does.
    #[serde(default)]
    pub on_failure: OnFailure,
    /// What it is for.
    #[serde(default)]
    pub kind: RolloutKind,
    /// The earlier revision whose configuration it goes back to.
    #[serde(default)]
    pub rolled_back_to: Option<RevisionNumber>,
    /// Why content that was known to be bad was rolled out all the same (CO-6).
    #[serde(default)]
    pub quarantine_override: Option<String>,
    /// The compatibility report that allowed it (DR-2).
    #[serde(default)]
    pub compatibility: Option<Report>,
}

impl RolloutRow {
    /// Whether its deadlines come nearer: it is in progress, nobody has paused it, and its clock does not stand.
    pub fn is_judged(&self) -> bool {
        matches!(self.phase, Phase::Rolling | Phase::Reverting(_)) && self.marks.stands_since.is_none()
    }
}

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
            let row = RolloutRow {
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
fn moved(row: &mut RolloutRow, event: RolloutEvent, at: Timestamp) {
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

fn save(connection: &Connection, deployment: &DeploymentId, row: &RolloutRow) -> Result<(), StoreError> {
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
) -> Result<Option<RolloutRow>, StoreError> {
    let sql = "SELECT record FROM rollouts WHERE deployment = ? AND number = ?";
    record(connection, "rollouts", sql, params![deployment.as_str(), number.0])
}

impl Reading<'_> {
    /// One rollout.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn rollout(&self, deployment: &DeploymentId, number: RolloutNumber) -> Result<Option<RolloutRow>, StoreError> {
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
    ) -> Result<Vec<RolloutRow>, StoreError> {
        let before = before.map_or(u32::MAX, |number| number.0);
        let sql = "SELECT record FROM rollouts WHERE deployment = ? AND number < ? ORDER BY number DESC LIMIT ?";
        readable(self.0, "rollouts", sql, params![deployment.as_str(), before, limit])
    }
}
