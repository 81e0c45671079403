//! Deployments: the stable inference URLs and the intent behind each.

use domain::deployment::{LastOperation, OperationKind, Status, TargetStatus};
use domain::event::{Entry, Event};
use domain::id::{ConfigurationId, DeploymentId, Generation, RevisionNumber, RolloutNumber};
use domain::ledger::Deployment;
use domain::rollout::{Phase, RolloutEvent, RolloutKind};
use rusqlite::{Connection, params};

use super::{count, execute, readable, record, records, revisions, rollouts, to_json};
use crate::store::{Reading, StoreError};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE deployments (
    id     TEXT PRIMARY KEY,
    name   TEXT NOT NULL UNIQUE,
    record TEXT NOT NULL
);
";

pub(super) fn apply(connection: &Connection, entry: &Entry) -> Result<(), StoreError> {
    let Some(id) = &entry.deployment else { return Ok(()) };
    match &entry.event {
        Event::DeploymentCreated { name, target, importance, on_failure, expires_at, strategy, about } => {
            let row = Deployment {
                id: id.clone(),
                name: name.clone(),
                target: target.clone(),
                importance: *importance,
                on_failure: *on_failure,
                expires_at: *expires_at,
                status: Status::Pending,
                target_status: TargetStatus::Running,
                last_operation: operation(OperationKind::Create, entry),
                generation: Generation(0),
                intended: None,
                newest_revision: RevisionNumber(0),
                newest_rollout: RolloutNumber(0),
                good: None,
                last_running_configuration: None,
                rollout: None,
                strategy: *strategy,
                about: about.clone(),
                kept: None,
                held: false,
                scale: None,
                relaunches: 0,
                out_of_sight: None,
                error: None,
                created_at: entry.at,
                created_by: entry.actor.clone(),
            };
            execute(
                connection,
                "INSERT INTO deployments (id, name, record) VALUES (?, ?, ?)",
                params![id.as_str(), name.as_str(), to_json("deployments", &row)?],
            )
        }
        Event::DeploymentDeleted { .. } => execute(connection, "DELETE FROM deployments WHERE id = ?", [id.as_str()]),
        event => match change(event, entry) {
            Some(change) => {
                let Some(mut row) = load(connection, id)? else { return Ok(()) };
                change(&mut row);
                row.stay_out_of_sight();
                if let Event::RolloutMoved { number, event, phase, .. } = event {
                    match (event, phase) {
                        // A person who cancels means the revision before, whatever is said of it.
                        (RolloutEvent::Cancel, _) => {
                            let before = rollouts::load(connection, id, *number)?.and_then(|r| r.from_revision);
                            row.intended = before.and(row.good);
                        }
                        // Another rollout says at once what is meant now; who takes the replicas away leaves the last
                        // good one to be activated.
                        (RolloutEvent::Supersede, _) => {
                            let good = revisions::good_before(connection, id, *number)?;
                            row.intended = good.or(row.good).or(row.intended);
                        }
                        (RolloutEvent::Fail(_), Phase::Reverting(_)) | (RolloutEvent::Stop(_), _) => {
                            row.intended = revisions::good_before(connection, id, *number)?;
                        }
                        _ => {}
                    }
                }
                // The configuration of a completed revision is looked up once the row knows its number.
                if let Event::RolloutMoved { phase: Phase::Completed, .. } = event {
                    row.last_running_configuration = configuration_of(connection, id, row.good)?;
                }
                let json = to_json("deployments", &row)?;
                execute(connection, "UPDATE deployments SET record = ? WHERE id = ?", params![json, id.as_str()])
            }
            None => Ok(()),
        },
    }
}

fn operation(kind: OperationKind, entry: &Entry) -> LastOperation {
    LastOperation { kind, at: entry.at, actor: entry.actor.clone(), rolled_back_to: None }
}

/// What an event does to its deployment's row.
type Change<'a> = Box<dyn FnOnce(&mut Deployment) + 'a>;

fn change<'a>(event: &'a Event, entry: &'a Entry) -> Option<Change<'a>> {
    Some(match event {
        Event::DeploymentChanged { importance, on_failure, strategy, about } => Box::new(move |row| {
            row.importance = importance.unwrap_or(row.importance);
            row.on_failure = on_failure.unwrap_or(row.on_failure);
            row.strategy = strategy.unwrap_or(row.strategy);
            if let Some(about) = about {
                row.about.clone_from(about);
            }
            row.generation = row.generation.next();
            row.last_operation = operation(OperationKind::Update, entry);
        }),
        Event::RolloutStarted { number, to_revision, purpose, scale, rolled_back_to, .. } => Box::new(move |row| {
            row.scale = *scale;
            match purpose {
                RolloutKind::Update if row.newest_rollout.0 == 0 => {}
                RolloutKind::Update => {
                    let update = operation(OperationKind::Update, entry);
                    row.last_operation = LastOperation { rolled_back_to: *rolled_back_to, ..update };
                }
                RolloutKind::Relaunch => {
                    row.last_operation = operation(OperationKind::Relaunch, entry);
                    row.relaunches += 1;
                }
                RolloutKind::Activate => {
                    row.last_operation = operation(OperationKind::Activate, entry);
                    row.target_status = TargetStatus::Running;
                    row.status = Status::Pending;
                    row.error = None;
                }
            }
            (row.kept, row.held) = (None, false);
            row.generation = row.generation.next();
            row.intended = Some(*to_revision);
            row.newest_revision = *to_revision;
            row.newest_rollout = *number;
            row.rollout = Some(*number);
        }),
        Event::RolloutMoved { event, phase, .. } => Box::new(move |row| {
            if matches!(event, RolloutEvent::Pause | RolloutEvent::Resume | RolloutEvent::Cancel) {
                row.generation = row.generation.next();
            }
            match (phase, event) {
                (Phase::Completed, _) => row.good = row.intended,
                (Phase::Failed, RolloutEvent::Stop(_)) => row.kept = row.intended,
                (Phase::Failed, _) => row.held = true,
                _ => {}
            }
            if !phase.is_active() {
                row.rollout = None;
            }
        }),
        Event::TargetUnseen { why, .. } => Box::new(move |row| row.lose_sight(why)),
        Event::TargetSeen { .. } => Box::new(Deployment::come_into_sight),
        Event::StatusChanged { status, error } => Box::new(move |row| {
            row.status = *status;
            row.error.clone_from(error);
        }),
        Event::Scaled { to, .. } => Box::new(move |row| row.scale = Some(*to)),
        Event::Deactivated { .. } => Box::new(move |row| {
            row.target_status = TargetStatus::Stopped;
            row.status = Status::Stopping;
            row.generation = row.generation.next();
            row.last_operation = operation(OperationKind::Deactivate, entry);
            (row.kept, row.held, row.scale, row.error) = (None, false, None, None);
        }),
        Event::RevisionQuarantined { .. } | Event::QuarantineLifted { .. } | Event::RevisionRemoved { .. } => {
            Box::new(|row| row.generation = row.generation.next())
        }
        Event::DeleteRequested { .. } => Box::new(move |row| {
            row.target_status = TargetStatus::Deleted;
            row.status = Status::Stopping;
            row.generation = row.generation.next();
            row.last_operation = operation(OperationKind::Delete, entry);
            row.intended = None;
        }),
        _ => return None,
    })
}

fn configuration_of(
    connection: &Connection,
    id: &DeploymentId,
    revision: Option<RevisionNumber>,
) -> Result<Option<ConfigurationId>, StoreError> {
    let Some(revision) = revision else { return Ok(None) };
    let sql = "SELECT json_extract(record, '$.configuration') FROM revisions WHERE deployment = ? AND number = ?";
    let mut statement = connection.prepare_cached(sql)?;
    let text: String = statement.query_row(params![id.as_str(), revision.0], |row| row.get(0))?;
    Ok(text.parse().ok())
}

fn load(connection: &Connection, id: &DeploymentId) -> Result<Option<Deployment>, StoreError> {
    record(connection, "deployments", "SELECT record FROM deployments WHERE id = ?", [id.as_str()])
}

impl Reading<'_> {
    /// Every deployment, by name.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn deployments(&self) -> Result<Vec<Deployment>, StoreError> {
        records(self.0, "deployments", "SELECT record FROM deployments ORDER BY name", [])
    }

    /// Every deployment whose row can be read, by name: for lists.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn readable_deployments(&self) -> Result<Vec<Deployment>, StoreError> {
        readable(self.0, "deployments", "SELECT record FROM deployments ORDER BY name", [])
    }

    /// How many there are.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn deployment_count(&self) -> Result<u64, StoreError> {
        count(self.0, "SELECT count(*) FROM deployments", [])
    }

    /// One deployment.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn deployment(&self, id: &DeploymentId) -> Result<Option<Deployment>, StoreError> {
        load(self.0, id)
    }

    /// The deployment with this name, else the one with this id.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn deployment_called(&self, name_or_id: &str) -> Result<Option<Deployment>, StoreError> {
        let sql = "SELECT record FROM deployments WHERE name = ?1 OR id = ?1 ORDER BY name = ?1 DESC LIMIT 1";
        record(self.0, "deployments", sql, [name_or_id])
    }
}
