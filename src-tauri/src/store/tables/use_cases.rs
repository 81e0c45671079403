//! Use cases: what belongs together.

use domain::event::Event;
use domain::id::UseCaseId;
use domain::use_case::UseCase;
use rusqlite::{Connection, params};

use super::entered::Entered;
use super::rows::{count, execute, record, records, to_json};
use crate::store::{Reading, StoreError};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE use_cases (
    id     TEXT PRIMARY KEY,
    record TEXT NOT NULL
);
";

pub(super) fn save(connection: &Connection, entered: &Entered<'_>) -> Result<(), StoreError> {
    match &entered.entry.event {
        Event::UseCaseChanged { use_case } => execute(
            connection,
            "INSERT OR REPLACE INTO use_cases (id, record) VALUES (?, ?)",
            params![use_case.id.as_str(), to_json("use_cases", use_case)?],
        ),
        Event::UseCaseDeleted { id } => execute(connection, "DELETE FROM use_cases WHERE id = ?", [id.as_str()]),
        _ => Ok(()),
    }
}

impl Reading<'_> {
    /// Every use case, by name.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn use_cases(&self) -> Result<Vec<UseCase>, StoreError> {
        records(self.0, "use_cases", "SELECT record FROM use_cases ORDER BY record ->> '$.terms.name', id", [])
    }

    /// The number of use cases.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn use_case_count(&self) -> Result<u64, StoreError> {
        count(self.0, "SELECT count(*) FROM use_cases", [])
    }

    /// One use case.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn use_case(&self, id: &UseCaseId) -> Result<Option<UseCase>, StoreError> {
        record(self.0, "use_cases", "SELECT record FROM use_cases WHERE id = ?", [id.as_str()])
    }
}
