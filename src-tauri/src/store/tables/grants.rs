//! Grants, by whom they name: which deployments somebody sees is found without reading the others.
//!
//! They are those of the deployment's own row. Those of a deleted deployment stay: by them its history is shown to whoever
//! saw it before.

use std::collections::BTreeSet;

use domain::access::{Grant, Role};
use domain::id::DeploymentId;
use domain::ledger::Deployment;
use domain::principal::PrincipalId;
use rusqlite::{Connection, params, params_from_iter};

use super::entered::Entered;
use super::rows::{execute, readable, records, to_json};
use crate::store::{Reading, StoreError};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE grants (
    principal  TEXT NOT NULL,
    deployment TEXT NOT NULL,
    record     TEXT NOT NULL,
    PRIMARY KEY (principal, deployment)
) WITHOUT ROWID;
CREATE INDEX grants_deployment ON grants (deployment);
";

pub(super) fn save(connection: &Connection, entered: &Entered<'_>) -> Result<(), StoreError> {
    let (before, Some(after)) = entered.ledgers() else { return Ok(()) };
    let (after, id) = (&after.deployment.access, &after.deployment.id);
    let nothing = Default::default();
    let before = before.map_or(&nothing, |before| &before.deployment.access);
    if before == after {
        return Ok(());
    }
    for principal in before.keys().filter(|principal| !after.contains_key(*principal)) {
        let sql = "DELETE FROM grants WHERE principal = ? AND deployment = ?";
        execute(connection, sql, [principal.as_str(), id.as_str()])?;
    }
    for (principal, grant) in after.iter().filter(|(principal, grant)| before.get(*principal) != Some(*grant)) {
        execute(
            connection,
            "INSERT OR REPLACE INTO grants (principal, deployment, record) VALUES (?, ?, ?)",
            params![principal.as_str(), id.as_str(), to_json("grants", grant)?],
        )?;
    }
    Ok(())
}

impl Reading<'_> {
    /// Deployments on which one of `names` has a role, by name, as far as their rows can be read.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn deployments_for(&self, names: &BTreeSet<PrincipalId>) -> Result<Vec<Deployment>, StoreError> {
        let places = vec!["?"; names.len()].join(", ");
        let sql = format!(
            "SELECT record FROM deployments
             WHERE id IN (SELECT deployment FROM grants WHERE principal IN ({places})) ORDER BY name"
        );
        readable(self.0, "deployments", &sql, params_from_iter(names.iter().map(PrincipalId::as_str)))
    }

    /// The highest role that one of `names` has on a deployment, or had when it was deleted.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn role_on(&self, id: &DeploymentId, names: &BTreeSet<PrincipalId>) -> Result<Option<Role>, StoreError> {
        let places = vec!["?"; names.len()].join(", ");
        let sql = format!("SELECT record FROM grants WHERE deployment = ? AND principal IN ({places})");
        let given = std::iter::once(id.as_str()).chain(names.iter().map(PrincipalId::as_str));
        let grants: Vec<Grant> = records(self.0, "grants", &sql, params_from_iter(given))?;
        Ok(grants.into_iter().map(|grant| grant.role).max())
    }
}
