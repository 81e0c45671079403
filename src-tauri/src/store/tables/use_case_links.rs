//! Links of deployments to use cases, by the use case: what belongs to one is found without reading the others.
//!
//! They are those of the deployment's own row, and go with it.

use domain::id::UseCaseId;
use domain::ledger::Deployment;
use domain::use_case::UseCaseLink;
use rusqlite::{Connection, params};

use super::entered::Entered;
use super::rows::{execute, records, to_json};
use crate::store::{Reading, StoreError};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE use_case_links (
    use_case   TEXT NOT NULL,
    deployment TEXT NOT NULL,
    record     TEXT NOT NULL,
    PRIMARY KEY (use_case, deployment)
) WITHOUT ROWID;
CREATE INDEX use_case_links_deployment ON use_case_links (deployment);
";

pub(super) fn save(connection: &Connection, entered: &Entered<'_>) -> Result<(), StoreError> {
    if let Some(id) = entered.gone() {
        return execute(connection, "DELETE FROM use_case_links WHERE deployment = ?", [id.as_str()]);
    }
    let Some((id, before, after)) = entered.kept() else { return Ok(()) };
    let (before, after) = (&before.deployment.use_cases, &after.deployment.use_cases);
    for use_case in before.difference(after) {
        let sql = "DELETE FROM use_case_links WHERE use_case = ? AND deployment = ?";
        execute(connection, sql, [use_case.as_str(), id.as_str()])?;
    }
    let link = UseCaseLink { by: entered.entry.actor.clone(), at: entered.entry.at };
    for use_case in after.difference(before) {
        execute(
            connection,
            "INSERT INTO use_case_links (use_case, deployment, record) VALUES (?, ?, ?)",
            params![use_case.as_str(), id.as_str(), to_json("use_case_links", &link)?],
        )?;
    }
    Ok(())
}

impl Reading<'_> {
    /// The deployments that are linked to a use case, by name.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn deployments_of(&self, use_case: &UseCaseId) -> Result<Vec<Deployment>, StoreError> {
        let sql = "SELECT record FROM deployments
                   WHERE id IN (SELECT deployment FROM use_case_links WHERE use_case = ?) ORDER BY name";
        records(self.0, "deployments", sql, [use_case.as_str()])
    }
}
