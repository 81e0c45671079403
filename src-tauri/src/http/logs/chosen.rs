//! The lines of output that are asked for: of which replicas, of which revision, and how serious.

use domain::id::{DeploymentId, ReplicaId, RevisionNumber};
use domain::ledger::ReplicaPast;
use domain::wire::{LineLevel, LogLine};

use super::positions::Positions;
use crate::api::Views;
use crate::commands::Refusal;

/// A choice of lines; by default those of every replica there is.
#[derive(Clone, Debug, Default)]
pub(super) struct Chosen {
    pub(super) replica: Option<ReplicaId>,
    pub(super) revision: Option<RevisionNumber>,
    /// Lines of this level, or worse.
    pub(super) level: Option<LineLevel>,
}

impl Chosen {
    /// The replicas that may have written such lines, and those that were read before; none when the deployment is gone.
    pub(super) fn replicas(
        &self,
        views: &Views<'_>,
        id: &DeploymentId,
        read: &Positions,
    ) -> Result<Option<Vec<ReplicaPast>>, Refusal> {
        let Some(mut found) = views.remembered(id, false)? else { return Ok(None) };
        let there = |found: &[ReplicaPast], id: &ReplicaId| found.iter().any(|past| past.id == *id);
        let all_there = read.replicas().all(|id| there(&found, &id));
        if !all_there || self.names_some() {
            found = views.remembered(id, true)?.unwrap_or_default();
        }
        match &self.replica {
            Some(replica) => {
                found.retain(|past| past.id == *replica);
                if found.is_empty() {
                    // Its output may be kept all the same.
                    let nothing =
                        ReplicaPast { id: replica.clone(), revisions: Vec::new(), problem: None, ended_at: None };
                    found.push(nothing);
                }
            }
            None => found.retain(|past| match self.revision {
                Some(revision) => past.revisions.iter().any(|known| known.revision == revision),
                None => past.ended_at.is_none() || read.of(&past.id).is_some(),
            }),
        }
        Ok(Some(found))
    }

    /// True where replicas are chosen that may be gone.
    pub(super) fn names_some(&self) -> bool {
        self.replica.is_some() || self.revision.is_some()
    }

    /// True for a line that is asked for.
    pub(super) fn fits(&self, line: &LogLine) -> bool {
        let serious = self.level.is_none_or(|least| line.level.is_some_and(|level| level <= least));
        serious && self.revision.is_none_or(|revision| line.revision == Some(revision))
    }
}
