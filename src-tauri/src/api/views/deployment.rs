//! A deployment as it is shown.

use std::collections::BTreeMap;

use domain::access::{Rights, Role, SEEING};
use domain::action::Action;
use domain::change_request::{RequestState, WaitingFor};
use domain::condition::ConditionFacts;
use domain::deployment::{Importance, Status, TargetStatus};
use domain::id::{DeploymentId, ReplicaId, UseCaseId};
use domain::ledger::{Deployment, Rollout};
use domain::plan::next_start;
use domain::replica::{Handle, Observed, ReplicaRecord, ReplicaState};
use domain::wire::{
    ActionView, DeploymentView, MetricsView, OperationView, Page, ReplicaCounts, ReplicaLoad, ReplicaView,
    RolloutInBrief, Traffic,
};

use super::Views;
use super::list::{Matching, page, shown};
use super::order::{DeploymentOrder, SortKey};
use super::rollout::deadline;
use crate::api::watched::LookedAt;
use crate::commands::{Refusal, allow_reading};
use crate::store::tables::configurations::ConfigurationRow;

/// Lists that are shown only when they are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Include {
    /// Every replica.
    pub(crate) replicas: bool,
    /// The newest revisions, those still being deployed included.
    pub(crate) revisions: bool,
}

/// The deployments that are wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sought<F> {
    /// Those whose status and importance it allows.
    pub(crate) allows: F,
    /// Those that are linked to it, if it is named.
    pub(crate) use_case: Option<UseCaseId>,
}

/// Newest revisions that are included.
const REVISIONS: usize = 100;

impl Views<'_> {
    /// The deployment that a request names.
    pub(crate) fn deployment(&self, name_or_id: &str, include: Include) -> Result<DeploymentView, Refusal> {
        let row = self.moment.find_for(name_or_id, SEEING)?;
        self.shown(row, &self.moment.rights()?, include)
    }

    /// Deployments that match, in the order that `sort` says.
    pub(crate) fn deployments(
        &self,
        wanted: &Matching,
        sort: &str,
        sought: &Sought<impl Fn(Status, Importance) -> bool>,
        include: Include,
    ) -> Result<Page<DeploymentView>, Refusal> {
        let order = DeploymentOrder::read(sort)?;
        let after = wanted.cursor.as_deref().map(SortKey::read).transpose()?;
        let rights = allow_reading(&self.moment)?;
        // A consumer is shown no more than name, URL and status, so nothing is found by the rest, or sorted by it.
        let is_hidden = |row: &Deployment| rights.on(&row.id, &row.access, false).role <= Some(Role::Consumer);
        let shown_importance =
            |row: &Deployment| if is_hidden(row) { Importance::default() } else { row.terms.importance };
        if let Some(id) = &sought.use_case {
            self.moment.use_case(id)?;
        }
        let is_linked =
            |row: &Deployment| sought.use_case.as_ref().is_none_or(|id| !is_hidden(row) && row.use_cases.contains(id));
        let allows = |row: &Deployment| (sought.allows)(row.status, shown_importance(row)) && is_linked(row);
        let matches = |row: &Deployment| row.name.as_str().contains(&wanted.q) && allows(row);
        let rows = if rights.sees_all() && order.is_by_name() {
            // What the database has in this order already: no more of it is read than the page shows, and one more, which
            // says that there is a next page.
            let after = after.as_ref().map_or("", SortKey::name);
            self.moment.reading.first_deployments(after, wanted.limit as usize + 1, matches)?
        } else {
            self.visible(&rights)?.into_iter().filter(matches).collect()
        };
        let mut rows: Vec<_> = rows.into_iter().map(|row| (order.key(&row, is_hidden(&row)), row)).collect();
        rows.sort_by(|(a, _), (b, _)| order.compare(a, b));
        let is_after = |key: &SortKey| after.as_ref().is_none_or(|after| order.compare(key, after).is_gt());
        let rest = rows.into_iter().filter(|(key, _)| is_after(key));
        shown(page(rest, wanted.limit, |(key, _)| key.to_string()), |(_, row)| self.shown(row, &rights, include))
    }

    /// Those deployments of a use case that the caller may open, by name.
    pub(crate) fn deployments_of(&self, id: &UseCaseId, wanted: &Matching) -> Result<Page<DeploymentView>, Refusal> {
        let sought = Sought { allows: |_, _| true, use_case: Some(id.clone()) };
        self.deployments(wanted, "name", &sought, Include::default())
    }

    /// The deployments that the caller may see, by name.
    pub(super) fn visible(&self, rights: &Rights) -> Result<Vec<Deployment>, Refusal> {
        let reading = &self.moment.reading;
        if rights.sees_all() {
            return Ok(reading.readable_deployments()?);
        }
        let rows =
            if rights.is_admin() { reading.readable_deployments()? } else { reading.deployments_for(&rights.names)? };
        Ok(rows.into_iter().filter(|row| rights.on(&row.id, &row.access, false).role.is_some()).collect())
    }

    /// Those that the caller may read whole.
    pub(super) fn readable(&self, rights: &Rights) -> Result<Vec<Deployment>, Refusal> {
        let mut rows = self.visible(rights)?;
        rows.retain(|row| rights.on(&row.id, &row.access, false).role >= Some(Role::User));
        Ok(rows)
    }

    /// What is kept of a deployment's requests of the last seconds, so many, with revisions told apart or not.
    pub(crate) fn metrics(&self, name_or_id: &str, window: u32, by_revision: bool) -> Result<MetricsView, Refusal> {
        let row = self.moment.find(name_or_id)?;
        let kept = self.api.live.metrics(&row.id, window, by_revision);
        kept.map_err(|error| Refusal::fault("what is kept of its requests cannot be read", &error))
    }

    /// The recent requests of those deployments that the caller may read whole.
    pub(crate) fn traffic(&self, looked_at: &LookedAt) -> Result<BTreeMap<DeploymentId, Traffic>, Refusal> {
        let rights = allow_reading(&self.moment)?;
        let mut found = BTreeMap::new();
        for id in &looked_at.deployments {
            let row = self.moment.reading.deployment(id)?;
            let is_read = |row: &Deployment| rights.on(&row.id, &row.access, false).role >= Some(Role::User);
            if row.as_ref().is_some_and(is_read) {
                let closely = looked_at.replicas_of.as_ref() == Some(id);
                let replicas = if closely { self.loads(id)? } else { BTreeMap::new() };
                found.insert(id.clone(), Traffic { replicas, ..self.api.live.traffic(id) });
            }
        }
        Ok(found)
    }

    fn loads(&self, deployment: &DeploymentId) -> Result<BTreeMap<ReplicaId, ReplicaLoad>, Refusal> {
        let live = &self.api.live;
        let ids: Vec<ReplicaId> =
            self.moment.reading.replicas(deployment)?.into_iter().map(|record| record.id).collect();
        let mut usage: BTreeMap<_, _> = live.usage(&ids).into_iter().collect();
        let load = |id: ReplicaId| {
            let load = ReplicaLoad { in_flight: live.in_flight(deployment, &id), usage: usage.remove(&id) };
            (id, load)
        };
        Ok(ids.into_iter().map(load).collect())
    }

    /// The id of the deployment that a request names, for somebody who may read what is kept of its requests.
    pub(crate) fn id_with_logs(&self, name_or_id: &str) -> Result<DeploymentId, Refusal> {
        Ok(self.moment.find_for(name_or_id, Action::ViewLogs.needs())?.id)
    }

    /// The id of the deployment that a request names.
    pub(crate) fn id_of(&self, name_or_id: &str) -> Result<DeploymentId, Refusal> {
        Ok(self.moment.find(name_or_id)?.id)
    }

    /// A deployment as it is shown. A handful of look-ups by key: cheap enough to be done for each row of a list.
    fn shown(&self, row: Deployment, rights: &Rights, include: Include) -> Result<DeploymentView, Refusal> {
        let (reading, live) = (&self.moment.reading, &self.api.live);
        let number = row.shown_revision();
        let used = self.used_by(&row)?;
        let replicas = live.seen(reading.replicas(&row.id)?);
        let is_wanted = row.intended.is_some() && row.target_status == TargetStatus::Running;
        let desired = if is_wanted { used.configuration.desired(row.scale) } else { 0 };
        let revision_list = if include.revisions {
            let newest = reading.readable_revisions(&row.id)?.into_iter().take(REVISIONS);
            Some(newest.map(|found| self.revision(found)).collect::<Result<Vec<_>, _>>()?)
        } else {
            None
        };
        let on = self.moment.rights_on(rights, &row)?;
        let role = on.role;
        let standing = self.moment.standing(&row)?;
        let actions = standing.offers(&on).into_iter().map(|(action, offered)| ActionView {
            action,
            allowed: offered.is_ok(),
            why: offered.err().map(|why| why.sentence(&row)),
        });
        let actions = actions.collect();
        let operation = standing.in_progress().map(|running| OperationView {
            operation: running.operation,
            actor: running.actor.clone(),
            since: running.since,
            rollout: running.rollout.map(|(number, _)| number),
        });
        let rollout = reading.rollout(&row.id, row.newest_rollout)?;
        let newest_rollout = match &rollout {
            Some(rollout) => self.in_brief(&row.id, rollout, rights)?,
            None => None,
        };
        let facts = ConditionFacts {
            status: row.status,
            error: row.error.as_deref(),
            operation: operation.as_ref().map(|running| running.operation),
            rollout: rollout.as_ref().map(|rollout| (rollout.phase, rollout.error.as_deref())),
            dismissed: newest_rollout.as_ref().is_some_and(|rollout| rollout.dismissed),
            replicas: &replicas,
            requests: &self.what_is_asked(&row.id)?,
            now: self.now(),
        };
        let condition = facts.condition();
        let view = DeploymentView {
            condition: Some(condition),
            url: self.url(&row.name),
            target: row.target,
            importance: row.terms.importance,
            on_failure: row.terms.on_failure,
            strategy: row.terms.strategy,
            description: row.terms.about.description,
            tags: row.terms.about.tags,
            properties: row.terms.about.properties,
            checks: row.terms.about.checks,
            use_cases: self.names_of(&row.use_cases)?,
            application: reading.application(&row.id)?.map(|application| application.terms.title),
            expires_at: row.expires_at,
            status: row.status,
            target_status: row.target_status,
            operation,
            role,
            actions,
            configuration: used.id,
            configuration_name: used.configuration.name,
            newer_model_versions: self.newer(&row.id, &used.configuration.models)?,
            models: used.configuration.models,
            revision: number,
            last_running_configuration: row.last_running_configuration,
            generation: row.generation,
            replicas: ReplicaCounts::of(desired, &replicas),
            rollout: row.rollout,
            newest_rollout,
            error: row.error,
            created_at: row.created_at,
            created_by: row.created_by,
            last_operation: row.last_operation,
            traffic: live.traffic(&row.id),
            replica_list: include
                .replicas
                .then(|| replicas.into_iter().map(|record| self.replica(&row.id, record)).collect()),
            revision_list,
            id: row.id,
            name: row.name,
        };
        Ok(if role == Some(Role::Consumer) { view.for_consumers() } else { view })
    }

    /// The states of the live requests of a deployment, and what they wait for.
    fn what_is_asked(&self, id: &DeploymentId) -> Result<Vec<(RequestState, Option<WaitingFor>)>, Refusal> {
        let requests = self.moment.reading.live_requests_of(id)?;
        Ok(requests.iter().map(|request| (request.state, request.waiting_for)).collect())
    }

    /// As much of a deployment's newest rollout as a list shows, while it is in progress or if it failed.
    fn in_brief(
        &self,
        id: &DeploymentId,
        rollout: &Rollout,
        rights: &Rights,
    ) -> Result<Option<RolloutInBrief>, Refusal> {
        let reading = &self.moment.reading;
        let phase = rollout.phase.word();
        if !phase.is_active() && !phase.is_failure() {
            return Ok(None);
        }
        let models = |number| {
            let revision = reading.revision(id, number)?;
            let found = revision.map(|revision| reading.configuration(&revision.configuration)).transpose()?.flatten();
            Ok::<_, Refusal>(found.map(|found| found.configuration.models).unwrap_or_default())
        };
        Ok(Some(RolloutInBrief {
            number: rollout.number,
            phase,
            from_revision: rollout.change.from_revision,
            to_revision: Some(rollout.to_revision),
            from_models: rollout.change.from_revision.map(models).transpose()?.unwrap_or_default(),
            to_models: models(rollout.to_revision)?,
            step: reading.last_step(id, rollout.number)?,
            deadline_at: deadline(rollout),
            on_failure: rollout.change.on_failure,
            dismissed: phase.is_failure() && reading.page_preferences(&rights.id)?.has_dismissed(id, rollout.number),
        }))
    }

    /// The configuration of the revision to show.
    pub(super) fn used_by(&self, row: &Deployment) -> Result<ConfigurationRow, Refusal> {
        let reading = &self.moment.reading;
        let revision = reading.revision(&row.id, row.shown_revision())?;
        let found = revision.map(|revision| reading.configuration(&revision.configuration)).transpose()?.flatten();
        found.ok_or_else(|| Refusal::fault("a deployment has no configuration", &row.name))
    }

    fn replica(&self, deployment: &DeploymentId, record: ReplicaRecord) -> ReplicaView {
        ReplicaView {
            state: ReplicaState::of(record.intent, record.observed),
            in_flight: self.api.live.in_flight(deployment, &record.id),
            revision: record.revision,
            pid: record.handle.as_ref().and_then(Handle::process).map(|process| process.pid),
            started_at: record.started_at,
            restarts: record.restarts,
            ready_since: match record.observed {
                Observed::Ready { since } => Some(since),
                _ => None,
            },
            starts_again_at: next_start(&record),
            problem: record.problem,
            doing: self.api.live.doing(&record.id),
            gpus: record.gpus,
            id: record.id,
        }
    }
}
