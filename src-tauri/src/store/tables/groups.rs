//! Groups of people and services.

use domain::event::Event;
use domain::principal::{Group, PrincipalId};
use rusqlite::{Connection, params};

use super::entered::Entered;
use super::rows::{execute, record, records, to_json};
use crate::store::{Reading, StoreError};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE groups (
    id     TEXT PRIMARY KEY,
    record TEXT NOT NULL
);
";

pub(super) fn save(connection: &Connection, entered: &Entered<'_>) -> Result<(), StoreError> {
    match &entered.entry.event {
        Event::GroupChanged { group } => execute(
            connection,
            "INSERT OR REPLACE INTO groups (id, record) VALUES (?, ?)",
            params![group.id.as_str(), to_json("groups", group)?],
        ),
        Event::GroupDeleted { id } => execute(connection, "DELETE FROM groups WHERE id = ?", [id.as_str()]),
        _ => Ok(()),
    }
}

impl Reading<'_> {
    /// Every group.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn groups(&self) -> Result<Vec<Group>, StoreError> {
        records(self.0, "groups", "SELECT record FROM groups ORDER BY record ->> 'name', id", [])
    }

    /// One group.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn group(&self, id: &PrincipalId) -> Result<Option<Group>, StoreError> {
        record(self.0, "groups", "SELECT record FROM groups WHERE id = ?", [id.as_str()])
    }
}
