//! Loading as much of a deployment's ledger as an entry reaches.

use domain::event::Entry;
use domain::id::DeploymentId;
use domain::ledger::{Ledger, Reach};
use rusqlite::Connection;

use super::entered::Entered;
use super::{deployments, replicas, revisions, rollouts};
use crate::store::StoreError;

/// Reads what `entry` reaches, and enters it there.
pub(in crate::store) fn entered<'a>(connection: &Connection, entry: &'a Entry) -> Result<Entered<'a>, StoreError> {
    let reached = entry.deployment.as_ref().and_then(|id| Some((id, Reach::of(&entry.event)?)));
    let Some((id, reach)) = reached else { return Ok(Entered::alone(entry)) };
    Ok(Entered::of(entry, load(connection, id, reach)?))
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
