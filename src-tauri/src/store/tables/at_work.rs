//! The part of a deployment's ledger that says what is meant to run and what runs: what a pass of the engine goes by, and
//! the picture of a rollout.

use domain::id::DeploymentId;
use domain::ledger::Ledger;

use crate::store::{Reading, StoreError};

impl Reading<'_> {
    /// Reads a deployment with its replicas, the rollout in progress, and the configurations that are used. All revisions
    /// are read while a rollout may have to go back to one of them.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn at_work(&self, id: &DeploymentId) -> Result<Option<Ledger>, StoreError> {
        let Some(deployment) = self.deployment(id)? else { return Ok(None) };
        let mut ledger = Ledger { replicas: self.replicas(id)?, ..Ledger::of(deployment) };
        if let Some(number) = ledger.deployment.rollout.or(ledger.last_failed()) {
            ledger.rollouts = self.rollout(id, number)?.into_iter().map(|found| (number, found)).collect();
        }
        let used = ledger.used_revisions();
        if ledger.rollout().is_some() {
            ledger.revisions = self.revisions(id)?.into_iter().map(|found| (found.number, found)).collect();
        } else {
            for number in used.iter().copied() {
                ledger.revisions.extend(self.revision(id, number)?.map(|found| (number, found)));
            }
        }
        for number in used {
            let Some(revision) = ledger.revisions.get(&number) else { continue };
            if let Some(found) = self.configuration(&revision.configuration)? {
                ledger.configurations.insert(found.id, found.configuration);
            }
        }
        Ok(Some(ledger))
    }
}
