//! An entry beside what its deployment was before and is after it, as far as it reaches.

use std::collections::BTreeMap;

use domain::event::Entry;
use domain::id::DeploymentId;
use domain::ledger::{Ledger, Reach};
use rusqlite::Connection;

use super::{deployments, replicas, revisions, rollouts};
use crate::store::StoreError;

/// An entry, and what it does.
pub(in crate::store) struct Entered<'a> {
    pub(super) entry: &'a Entry,
    /// The part of its deployment that it reaches, from before it; none where there is no such deployment, or it reaches
    /// nothing of one.
    before: Option<Ledger>,
    after: Option<Ledger>,
}

impl<'a> Entered<'a> {
    /// Reads what `entry` reaches, and enters it there.
    pub(in crate::store) fn load(connection: &Connection, entry: &'a Entry) -> Result<Self, StoreError> {
        let reached = entry.deployment.as_ref().and_then(|id| Some((id, Reach::of(&entry.event)?)));
        let Some((id, reach)) = reached else { return Ok(Self { entry, before: None, after: None }) };
        let before = load(connection, id, reach)?;
        let after = Ledger::after(before.clone(), entry);
        Ok(Self { entry, before, after })
    }

    /// The deployment as it was, and as it is.
    pub(super) fn ledgers(&self) -> (Option<&Ledger>, Option<&Ledger>) {
        (self.before.as_ref(), self.after.as_ref())
    }

    /// The deployment that is there before and after, with what was and what is.
    pub(super) fn kept(&self) -> Option<(&DeploymentId, &Ledger, &Ledger)> {
        let (before, after) = (self.before.as_ref()?, self.after.as_ref()?);
        Some((&after.deployment.id, before, after))
    }

    /// The deployment that is gone by the entry, with everything that was its.
    pub(super) fn gone(&self) -> Option<&DeploymentId> {
        self.before.as_ref().filter(|_| self.after.is_none()).map(|before| &before.deployment.id)
    }
}

fn load(connection: &Connection, id: &DeploymentId, reach: Reach<'_>) -> Result<Option<Ledger>, StoreError> {
    let Some(deployment) = deployments::load(connection, id)? else { return Ok(None) };
    let mut ledger = Ledger::of(deployment);
    if reach.revisions {
        ledger.revisions = revisions::all(connection, id)?.into_iter().map(|found| (found.number, found)).collect();
    }
    if let Some(number) = reach.rollout {
        ledger.rollouts = rollouts::load(connection, id, number)?.into_iter().map(|found| (number, found)).collect();
    }
    if let Some(replica) = reach.replica {
        ledger.replicas = replicas::load(connection, replica)?.into_iter().collect();
    }
    Ok(Some(ledger))
}

/// Rows of `after` that are new or not as they were in `before`.
pub(super) fn changed<'a, K: Ord, V: PartialEq>(
    before: &BTreeMap<K, V>,
    after: &'a BTreeMap<K, V>,
) -> impl Iterator<Item = &'a V> {
    after.iter().filter(|(key, value)| before.get(key) != Some(value)).map(|(_, value)| value)
}
