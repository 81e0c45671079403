//! The basis of one pass: the part of a deployment's ledger that says what is meant to run and what runs.

use domain::id::DeploymentId;
use domain::ledger::Ledger;

use crate::store::{Reading, StoreError};

/// Reads the deployment with its replicas, the rollout in progress, and the configurations that are used. All revisions
/// are read while a rollout may have to go back to one of them.
pub(super) fn view(reading: &Reading<'_>, id: &DeploymentId) -> Result<Option<Ledger>, StoreError> {
    let Some(deployment) = reading.deployment(id)? else { return Ok(None) };
    let mut view = Ledger { replicas: reading.replicas(id)?, ..Ledger::of(deployment) };
    if let Some(number) = view.deployment.rollout.or(view.last_failed()) {
        view.rollouts = reading.rollout(id, number)?.into_iter().map(|found| (number, found)).collect();
    }
    let used = view.used_revisions();
    if view.rollout().is_some() {
        view.revisions = reading.revisions(id)?.into_iter().map(|found| (found.number, found)).collect();
    } else {
        for number in used.iter().copied() {
            view.revisions.extend(reading.revision(id, number)?.map(|found| (number, found)));
        }
    }
    for number in used {
        let Some(revision) = view.revisions.get(&number) else { continue };
        if let Some(found) = reading.configuration(&revision.configuration)? {
            view.configurations.insert(found.id, found.configuration);
        }
    }
    Ok(Some(view))
}
