//! What people have arranged on their pages.

use domain::page_preferences::PagePreferences;
use domain::principal::PrincipalId;

use super::beside::{self, Beside, By, PAGE_PREFERENCES};
use crate::store::{Reading, StoreError, Writing};

impl Reading<'_> {
    /// The arrangements of whoever calls; by default they have made none.
    ///
    /// # Errors
    /// Those of SQLite; the row was changed.
    pub fn page_preferences(&self, of: &PrincipalId) -> Result<PagePreferences, StoreError> {
        Ok(beside::one(self.0, PAGE_PREFERENCES, By::Id, of.as_str())?.unwrap_or_default())
    }
}

impl Writing<'_> {
    /// Writes the arrangements of whoever calls.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn put_page_preferences(&mut self, of: &PrincipalId, arranged: &PagePreferences) -> Result<(), StoreError> {
        let id = of.as_str();
        beside::put(&self.tx, PAGE_PREFERENCES, &Beside { id, key: None, owner: id, record: arranged })
    }

    /// Forgets the arrangements of somebody.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn remove_page_preferences(&mut self, of: &PrincipalId) -> Result<(), StoreError> {
        beside::remove(&self.tx, PAGE_PREFERENCES, By::Id, of.as_str()).map(drop)
    }
}
