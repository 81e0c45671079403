//! Applications, by their deployment.

use domain::application::Application;
use domain::event::Event;
use domain::id::DeploymentId;
use rusqlite::{Connection, params};

use super::entered::Entered;
use super::rows::{execute, record, to_json};
use crate::store::{Reading, StoreError};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE applications (
    deployment TEXT PRIMARY KEY,
    record     TEXT NOT NULL
);
";

pub(super) fn save(connection: &Connection, entered: &Entered<'_>) -> Result<(), StoreError> {
    let delete =
        |id: &DeploymentId| execute(connection, "DELETE FROM applications WHERE deployment = ?", [id.as_str()]);
    if let Some(id) = entered.gone() {
        return delete(id);
    }
    let Some(id) = &entered.entry.deployment else { return Ok(()) };
    match &entered.entry.event {
        Event::ApplicationCreated { application } | Event::ApplicationChanged { application } => execute(
            connection,
            "INSERT OR REPLACE INTO applications (deployment, record) VALUES (?, ?)",
            params![id.as_str(), to_json("applications", application)?],
        ),
        Event::ApplicationDeleted {} => delete(id),
        _ => Ok(()),
    }
}

impl Reading<'_> {
    /// The application of a deployment, if it has one.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn application(&self, id: &DeploymentId) -> Result<Option<Application>, StoreError> {
        record(self.0, "applications", "SELECT record FROM applications WHERE deployment = ?", [id.as_str()])
    }
}
