//! Revisions: which configuration a deployment was given, as the n-th, and what became of it.

use domain::event::{Entry, Event};
use domain::id::{DeploymentId, RevisionNumber, RolloutNumber};
use domain::ledger::Revision;
use domain::revision::{Quarantine, RevisionState};
use domain::rollout::{Phase, RolloutEvent, RolloutKind};
use rusqlite::{Connection, params};

use super::{execute, readable, record, records, rollouts, to_json};
use crate::store::{Reading, StoreError};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE revisions (
    deployment TEXT NOT NULL,
    number     INTEGER NOT NULL,
    record     TEXT NOT NULL,
    PRIMARY KEY (deployment, number)
);
";

pub(super) fn apply(connection: &Connection, entry: &Entry) -> Result<(), StoreError> {
    let Some(deployment) = &entry.deployment else { return Ok(()) };
    match &entry.event {
        Event::RolloutStarted { number, to_revision, configuration, reason, purpose, rolled_back_to, .. } => {
            let rows = all(connection, deployment)?;
            let earlier = rows.iter().map(|row| row.relaunches).max().unwrap_or(0);
            let same = rows.iter().find(|row| row.configuration == *configuration);
            let row = Revision {
                number: *to_revision,
                configuration: configuration.clone(),
                rollout: *number,
                state: RevisionState::Deploying,
                quarantined: None,
                created_at: entry.at,
                reason: *reason,
                actor: entry.actor.clone(),
                relaunches: earlier + u32::from(*purpose == RolloutKind::Relaunch),
                rolled_back_to: match purpose {
                    RolloutKind::Update => *rolled_back_to,
                    RolloutKind::Relaunch | RolloutKind::Activate => same.and_then(|row| row.rolled_back_to),
                },
            };
            save(connection, deployment, &row)
        }
        // Known to be bad from the moment its rollout fails, with the reason that was given then, unless none of its
        // replicas had failed. Replicas that are only started anew say nothing of a content that has run.
        Event::RolloutMoved {
            number, event, phase: Phase::Reverting(_) | Phase::Failed, problem, blameless, ..
        } if matches!(event, RolloutEvent::Fail(_) | RolloutEvent::Stop(_) | RolloutEvent::Die(_)) => {
            let kind = rollouts::load(connection, deployment, *number)?.map(|rollout| rollout.kind);
            for mut row in all(connection, deployment)?.into_iter().filter(|row| row.rollout == *number) {
                if kind == Some(RolloutKind::Update) && !blameless {
                    let reason = problem.clone().unwrap_or_default();
                    row.quarantined = Some(Quarantine { reason, at: entry.at });
                }
                if !matches!(event, RolloutEvent::Fail(_)) {
                    row.state = RevisionState::Failed;
                }
                save(connection, deployment, &row)?;
            }
            Ok(())
        }
        Event::RevisionQuarantined { number, reason } => {
            let quarantine = Quarantine { reason: reason.clone(), at: entry.at };
            mark(connection, deployment, *number, Some(quarantine))
        }
        Event::QuarantineLifted { number, .. } => mark(connection, deployment, *number, None),
        Event::RevisionRemoved { number } => execute(
            connection,
            "DELETE FROM revisions WHERE deployment = ? AND number = ?",
            params![deployment.as_str(), number.0],
        ),
        Event::RolloutMoved { number, phase, .. } if !phase.is_active() => {
            for mut row in all(connection, deployment)? {
                let brought = row.rollout == *number;
                match phase {
                    Phase::Completed if brought => row.state = RevisionState::InUse,
                    Phase::Completed if row.state == RevisionState::InUse => row.state = RevisionState::Past,
                    Phase::Completed => continue,
                    _ if brought => row.state = RevisionState::Failed,
                    _ => continue,
                }
                save(connection, deployment, &row)?;
            }
            Ok(())
        }
        Event::DeploymentDeleted { .. } => {
            execute(connection, "DELETE FROM revisions WHERE deployment = ?", [deployment.as_str()])
        }
        _ => Ok(()),
    }
}

fn mark(
    connection: &Connection,
    deployment: &DeploymentId,
    number: RevisionNumber,
    quarantined: Option<Quarantine>,
) -> Result<(), StoreError> {
    match load(connection, deployment, number)? {
        Some(row) => save(connection, deployment, &Revision { quarantined, ..row }),
        None => Ok(()),
    }
}

/// The revision that a failed or cancelled rollout goes back to: the newest that has worked and is not known to be
/// bad (CO-6); none for a rollout that had nothing to go back to when it began.
pub(super) fn good_before(
    connection: &Connection,
    deployment: &DeploymentId,
    rollout: RolloutNumber,
) -> Result<Option<RevisionNumber>, StoreError> {
    let from = rollouts::load(connection, deployment, rollout)?.and_then(|rollout| rollout.from_revision);
    if from.is_none() {
        return Ok(None);
    }
    let good = all(connection, deployment)?
        .into_iter()
        .find(|row| matches!(row.state, RevisionState::InUse | RevisionState::Past) && row.quarantined.is_none());
    Ok(good.map(|row| row.number))
}

fn load(
    connection: &Connection,
    deployment: &DeploymentId,
    number: RevisionNumber,
) -> Result<Option<Revision>, StoreError> {
    let sql = "SELECT record FROM revisions WHERE deployment = ? AND number = ?";
    record(connection, "revisions", sql, params![deployment.as_str(), number.0])
}

fn save(connection: &Connection, deployment: &DeploymentId, row: &Revision) -> Result<(), StoreError> {
    execute(
        connection,
        "INSERT OR REPLACE INTO revisions (deployment, number, record) VALUES (?, ?, ?)",
        params![deployment.as_str(), row.number.0, to_json("revisions", row)?],
    )
}

const ALL: &str = "SELECT record FROM revisions WHERE deployment = ? ORDER BY number DESC";

fn all(connection: &Connection, deployment: &DeploymentId) -> Result<Vec<Revision>, StoreError> {
    records(connection, "revisions", ALL, [deployment.as_str()])
}

impl Reading<'_> {
    /// The revision that a failed rollout goes back to, if there is one.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn good_before(
        &self,
        deployment: &DeploymentId,
        rollout: RolloutNumber,
    ) -> Result<Option<RevisionNumber>, StoreError> {
        good_before(self.0, deployment, rollout)
    }

    /// A deployment's revisions, newest first.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn revisions(&self, deployment: &DeploymentId) -> Result<Vec<Revision>, StoreError> {
        all(self.0, deployment)
    }

    /// The same for a list: without those that cannot be read.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn readable_revisions(&self, deployment: &DeploymentId) -> Result<Vec<Revision>, StoreError> {
        readable(self.0, "revisions", ALL, [deployment.as_str()])
    }

    /// One revision.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn revision(&self, deployment: &DeploymentId, number: RevisionNumber) -> Result<Option<Revision>, StoreError> {
        load(self.0, deployment, number)
    }
}
