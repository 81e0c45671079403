//! The reminders that were given, so that nobody is told twice of the same.

use domain::notice::Reminded;

use super::beside::{self, Beside, By, REMINDERS};
use crate::store::{Reading, StoreError, Writing};

impl Reading<'_> {
    /// The reminders that were given of `what`, a key that the caller chooses.
    ///
    /// # Errors
    /// Those of SQLite; the row was changed.
    pub fn reminded(&self, what: &str) -> Result<Option<Reminded>, StoreError> {
        beside::one(self.0, REMINDERS, By::Id, what)
    }
}

impl Writing<'_> {
    /// Remembers the reminders that were given of `what`, which belongs to `group`.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn put_reminded(&mut self, group: &str, what: &str, reminded: Reminded) -> Result<(), StoreError> {
        beside::put(&self.tx, REMINDERS, &Beside { id: what, key: None, owner: group, record: &reminded })
    }

    /// Forgets what was reminded of `what`.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn forget_reminded(&mut self, what: &str) -> Result<(), StoreError> {
        beside::remove(&self.tx, REMINDERS, By::Id, what).map(drop)
    }

    /// Forgets all of a group but those for which `keep` says so.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn keep_reminded(&mut self, group: &str, keep: impl Fn(&str) -> bool) -> Result<(), StoreError> {
        let mut statement = self.tx.prepare("SELECT id FROM reminders WHERE owner = ?")?;
        let ids = statement.query_map([group], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        drop(statement);
        ids.iter().filter(|id| !keep(id)).try_for_each(|id| self.forget_reminded(id))
    }
}
