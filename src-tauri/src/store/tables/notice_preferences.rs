//! What people do not want to be told of.

use domain::notice::NoticePreferences;
use domain::principal::PrincipalId;

use super::beside::{self, Beside, By, NOTICE_PREFERENCES};
use crate::store::{Reading, StoreError, Writing};

impl Reading<'_> {
    /// The choices of a person; by default they are told of everything.
    ///
    /// # Errors
    /// Those of SQLite; the row was changed.
    pub fn notice_preferences(&self, person: &PrincipalId) -> Result<NoticePreferences, StoreError> {
        Ok(beside::one(self.0, NOTICE_PREFERENCES, By::Id, person.as_str())?.unwrap_or_default())
    }
}

impl Writing<'_> {
    /// Writes the choices of a person.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn put_notice_preferences(
        &mut self,
        person: &PrincipalId,
        choices: &NoticePreferences,
    ) -> Result<(), StoreError> {
        let id = person.as_str();
        beside::put(&self.tx, NOTICE_PREFERENCES, &Beside { id, key: None, owner: id, record: choices })
    }

    /// Forgets the choices of a person.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn remove_notice_preferences(&mut self, person: &PrincipalId) -> Result<(), StoreError> {
        beside::remove(&self.tx, NOTICE_PREFERENCES, By::Id, person.as_str()).map(drop)
    }
}
