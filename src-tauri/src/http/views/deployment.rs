//! A deployment as it is shown.

use domain::deployment::{OperationKind, Status, TargetStatus};
use domain::id::DeploymentId;
use domain::replica::{Handle, ReplicaRecord, ReplicaState};
use domain::wire::{DeploymentView, OperationView, ReplicaCounts, ReplicaView};
use serde::Deserialize;

use super::newer::newer;
use super::revision;
use crate::commands::{self, Refusal};
use crate::http::requests::Many;
use crate::http::{Api, problem};
use crate::store::Reading;
use crate::store::tables::configurations::ConfigurationRow;
use domain::ledger::Deployment;

/// Lists that are shown only when they are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::http) enum Lists {
    /// Every replica.
    Replicas,
    /// Every revision, those still being deployed included.
    Revisions,
}

/// What to include.
pub(in crate::http) type Include = Many<Lists>;

/// Newest revisions that are included.
const REVISIONS: usize = 100;

/// A deployment as it is shown. A handful of look-ups by key: cheap enough to be done for each row of a list.
pub(in crate::http) fn deployment(
    api: &Api,
    reading: &Reading<'_>,
    row: Deployment,
    include: &Include,
) -> Result<DeploymentView, Refusal> {
    let number = row.shown_revision();
    let used = configuration_of(reading, &row)?;
    let replicas = api.live.seen(reading.replicas(&row.id)?);
    let is_wanted = row.intended.is_some() && row.target_status == TargetStatus::Running;
    let desired = if is_wanted { used.configuration.desired(row.scale) } else { 0 };
    let revision_list = if include.has(&Lists::Revisions) {
        let newest = reading.readable_revisions(&row.id)?.into_iter().take(REVISIONS);
        Some(newest.map(|found| revision(reading, found)).collect::<Result<Vec<_>, _>>()?)
    } else {
        None
    };
    let operation = operation(reading, &row)?;
    Ok(DeploymentView {
        url: format!("{}/{}", api.live.gateway_url(), row.name),
        target: row.target,
        importance: row.terms.importance,
        on_failure: row.terms.on_failure,
        strategy: row.terms.strategy,
        description: row.terms.about.description,
        tags: row.terms.about.tags,
        properties: row.terms.about.properties,
        checks: row.terms.about.checks,
        expires_at: row.expires_at,
        status: row.status,
        target_status: row.target_status,
        operation,
        configuration: used.id,
        configuration_name: used.configuration.name,
        newer_model_versions: newer(reading, &row.id, &used.configuration.models)?,
        models: used.configuration.models,
        revision: number,
        last_running_configuration: row.last_running_configuration,
        generation: row.generation,
        replicas: counts(desired, &replicas),
        rollout: row.rollout,
        error: row.error,
        created_at: row.created_at,
        created_by: row.created_by,
        last_operation: row.last_operation,
        traffic: api.live.traffic(&row.id),
        replica_list: include
            .has(&Lists::Replicas)
            .then(|| replicas.into_iter().map(|record| replica(api, &row.id, record)).collect()),
        revision_list,
        id: row.id,
        name: row.name,
    })
}

/// The configuration of the revision to show.
pub(in crate::http) fn configuration_of(reading: &Reading<'_>, row: &Deployment) -> Result<ConfigurationRow, Refusal> {
    let revision = reading.revision(&row.id, row.shown_revision())?;
    let found = revision.map(|revision| reading.configuration(&revision.configuration)).transpose()?.flatten();
    found.ok_or_else(|| problem::fault("a deployment has no configuration", &row.name))
}

fn operation(reading: &Reading<'_>, row: &Deployment) -> Result<Option<OperationView>, Refusal> {
    if row.target_status == TargetStatus::Deleted {
        let last = row.last_operation.clone();
        let (operation, rollout) = (OperationKind::Delete, None);
        return Ok(Some(OperationView { operation, actor: last.actor, since: last.at, rollout }));
    }
    if row.target_status == TargetStatus::Stopped && row.status == Status::Stopping {
        let last = row.last_operation.clone();
        let (operation, rollout) = (OperationKind::Deactivate, None);
        return Ok(Some(OperationView { operation, actor: last.actor, since: last.at, rollout }));
    }
    let Some(number) = row.rollout else { return Ok(None) };
    Ok(reading.rollout(&row.id, number)?.map(|rollout| OperationView {
        operation: commands::operation_of(row, Some(&rollout)),
        actor: rollout.actor,
        since: rollout.started_at,
        rollout: Some(number),
    }))
}

fn counts(desired: u32, replicas: &[ReplicaRecord]) -> ReplicaCounts {
    let mut counts = ReplicaCounts { desired, ..ReplicaCounts::default() };
    for record in replicas {
        let count = match ReplicaState::of(record.intent, record.observed) {
            ReplicaState::Ready => &mut counts.ready,
            ReplicaState::Starting => &mut counts.starting,
            ReplicaState::Draining | ReplicaState::Stopped => &mut counts.draining,
            ReplicaState::Unready | ReplicaState::Failed | ReplicaState::Unknown => &mut counts.unready,
        };
        *count += 1;
    }
    counts
}

fn replica(api: &Api, deployment: &DeploymentId, record: ReplicaRecord) -> ReplicaView {
    ReplicaView {
        state: ReplicaState::of(record.intent, record.observed),
        in_flight: api.live.in_flight(deployment, &record.id),
        revision: record.revision,
        pid: record.handle.as_ref().and_then(Handle::process).map(|process| process.pid),
        started_at: record.started_at,
        restarts: record.restarts,
        problem: record.problem,
        doing: api.live.doing(&record.id),
        gpus: record.gpus,
        id: record.id,
    }
}
