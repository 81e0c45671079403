//! The replicas of a deployment whose output can be read, there or gone.

use domain::action::Action;
use domain::id::DeploymentId;
use domain::ledger::ReplicaPast;
use domain::replica::{ReplicaRecord, ReplicaState};
use domain::wire::LoggedReplica;

use super::Views;
use crate::commands::Refusal;

impl Views<'_> {
    /// What is remembered of a deployment's replicas: of those that are there, and with `gone` of the others too, the last
    /// first. None when there is no such deployment.
    pub(crate) fn remembered(&self, id: &DeploymentId, gone: bool) -> Result<Option<Vec<ReplicaPast>>, Refusal> {
        let reading = &self.moment.reading;
        if reading.deployment(id)?.is_none() {
            return Ok(None);
        }
        // Asked again at each look: a role that was taken away ends what is followed.
        let row = self.moment.find_for(id.as_str(), Action::ViewLogs.needs())?;
        let known = reading.replicas_remembered(&row.id)?;
        // Of one that is older than what is remembered there is its record.
        let past = |record: ReplicaRecord| {
            let found = known.iter().find(|past: &&ReplicaPast| past.id == record.id);
            found.cloned().unwrap_or_else(|| ReplicaPast::of(&record))
        };
        let mut pasts: Vec<_> = reading.replicas(&row.id)?.into_iter().map(past).collect();
        if gone {
            pasts.extend(reading.replicas_gone(&row.id)?);
        }
        Ok(Some(pasts))
    }

    /// The same as they are shown.
    pub(crate) fn logged(&self, name_or_id: &str) -> Result<Vec<LoggedReplica>, Refusal> {
        let id = self.id_of(name_or_id)?;
        let records = self.api.live.seen(self.moment.reading.replicas(&id)?);
        let shown = |past: ReplicaPast| {
            let record = records.iter().find(|record| record.id == past.id && past.ended_at.is_none());
            LoggedReplica {
                revision: past.revision_at(None),
                since: past.revisions.first().map(|first| first.since),
                state: record.map(|record| ReplicaState::of(record.intent, record.observed)),
                ended_at: past.ended_at,
                problem: past.problem,
                id: past.id,
            }
        };
        Ok(self.remembered(&id, true)?.unwrap_or_default().into_iter().map(shown).collect())
    }
}
