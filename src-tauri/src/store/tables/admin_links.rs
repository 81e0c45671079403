//! Links that were made on the machine, by which an administrator signs in once, found by the hash of what they hold.

use domain::principal::PrincipalId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::beside::{self, ADMIN_LINKS, Beside, By};
use crate::store::{Reading, StoreError, Writing};

/// A link. Each person has one at most, the last that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminLinkRow {
    /// The administrator.
    pub person: PrincipalId,
    /// SHA-256 of what it holds, in hexadecimal.
    pub hash: String,
    /// The time at which it ends.
    pub expires_at: Timestamp,
}

impl Reading<'_> {
    /// The link that holds what has this hash, ended by time or not.
    ///
    /// # Errors
    /// Those of SQLite; the row was changed.
    pub fn admin_link_with_hash(&self, hash: &str) -> Result<Option<AdminLinkRow>, StoreError> {
        beside::one(self.0, ADMIN_LINKS, By::Key, hash)
    }
}

impl Writing<'_> {
    /// Writes a link, in the place of the one that the person had.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn put_admin_link(&mut self, link: &AdminLinkRow) -> Result<(), StoreError> {
        let id = link.person.as_str();
        beside::put(&self.tx, ADMIN_LINKS, &Beside { id, key: Some(&link.hash), owner: id, record: link })
    }

    /// Removes a person's link, if they have one.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn remove_admin_link(&mut self, person: &PrincipalId) -> Result<(), StoreError> {
        beside::remove(&self.tx, ADMIN_LINKS, By::Id, person.as_str()).map(drop)
    }
}
