//! Freezes: when nothing is started.

use domain::event::Event;
use domain::freeze::Freeze;
use domain::id::FreezeId;
use rusqlite::{Connection, params};

use super::entered::Entered;
use super::rows::{execute, record, records, to_json};
use crate::store::{Reading, StoreError};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE freezes (
    id     TEXT PRIMARY KEY,
    record TEXT NOT NULL
);
";

pub(super) fn save(connection: &Connection, entered: &Entered<'_>) -> Result<(), StoreError> {
    match &entered.entry.event {
        Event::FreezeChanged { freeze } => execute(
            connection,
            "INSERT OR REPLACE INTO freezes (id, record) VALUES (?, ?)",
            params![freeze.id.as_str(), to_json("freezes", freeze)?],
        ),
        Event::FreezeDeleted { id } => execute(connection, "DELETE FROM freezes WHERE id = ?", [id.as_str()]),
        _ => Ok(()),
    }
}

impl Reading<'_> {
    /// Every freeze, oldest first.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn freezes(&self) -> Result<Vec<Freeze>, StoreError> {
        records(self.0, "freezes", "SELECT record FROM freezes ORDER BY id", [])
    }

    /// One freeze.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn freeze(&self, id: &FreezeId) -> Result<Option<Freeze>, StoreError> {
        record(self.0, "freezes", "SELECT record FROM freezes WHERE id = ?", [id.as_str()])
    }
}
