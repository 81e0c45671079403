//! Policies: which changes need whose approval.

use domain::event::Event;
use domain::id::PolicyId;
use domain::policy::Policy;
use rusqlite::{Connection, params};

use super::entered::Entered;
use super::rows::{execute, record, records, to_json};
use crate::store::{Reading, StoreError};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE policies (
    id     TEXT PRIMARY KEY,
    record TEXT NOT NULL
);
";

pub(super) fn save(connection: &Connection, entered: &Entered<'_>) -> Result<(), StoreError> {
    match &entered.entry.event {
        Event::PolicyChanged { policy } => execute(
            connection,
            "INSERT OR REPLACE INTO policies (id, record) VALUES (?, ?)",
            params![policy.id.as_str(), to_json("policies", policy)?],
        ),
        Event::PolicyDeleted { id } => execute(connection, "DELETE FROM policies WHERE id = ?", [id.as_str()]),
        _ => Ok(()),
    }
}

impl Reading<'_> {
    /// Every policy, oldest first.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn policies(&self) -> Result<Vec<Policy>, StoreError> {
        records(self.0, "policies", "SELECT record FROM policies ORDER BY id", [])
    }

    /// One policy.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn policy(&self, id: &PolicyId) -> Result<Option<Policy>, StoreError> {
        record(self.0, "policies", "SELECT record FROM policies WHERE id = ?", [id.as_str()])
    }
}
