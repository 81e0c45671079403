//! Invitations that nobody has accepted yet, found by the hash of what their link holds.

use std::collections::BTreeSet;

use domain::id::InvitationId;
use domain::principal::{PrincipalId, ServerRole};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::beside::{self, Beside, By, INVITATIONS};
use crate::store::{Reading, StoreError, Writing};

/// An invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationRow {
    /// Names it.
    pub id: InvitationId,
    /// SHA-256 of what its link holds, in hexadecimal.
    pub hash: String,
    /// The person who invites.
    pub by: PrincipalId,
    /// The name of the person who is invited.
    pub name: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their role on the server.
    pub role: ServerRole,
    /// Their groups.
    pub groups: BTreeSet<PrincipalId>,
    /// The time at which it was made.
    pub made_at: Timestamp,
    /// The time at which it ends.
    pub expires_at: Timestamp,
}

impl Reading<'_> {
    /// The invitation whose link holds what has this hash, ended by time or not.
    ///
    /// # Errors
    /// Those of SQLite; the row was changed.
    pub fn invitation_with_hash(&self, hash: &str) -> Result<Option<InvitationRow>, StoreError> {
        beside::one(self.0, INVITATIONS, By::Key, hash)
    }

    /// An invitation, ended by time or not.
    ///
    /// # Errors
    /// As [`Reading::invitation_with_hash`].
    pub fn invitation(&self, id: &InvitationId) -> Result<Option<InvitationRow>, StoreError> {
        beside::one(self.0, INVITATIONS, By::Id, id.as_str())
    }

    /// The invitations of one person, or of everybody, oldest first.
    ///
    /// # Errors
    /// As [`Reading::invitation_with_hash`].
    pub fn invitations(&self, by: Option<&PrincipalId>) -> Result<Vec<InvitationRow>, StoreError> {
        beside::many(self.0, INVITATIONS, by.map(PrincipalId::as_str))
    }
}

impl Writing<'_> {
    /// Writes an invitation.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn put_invitation(&mut self, invitation: &InvitationRow) -> Result<(), StoreError> {
        let (id, owner) = (invitation.id.as_str(), invitation.by.as_str());
        beside::put(&self.tx, INVITATIONS, &Beside { id, key: Some(&invitation.hash), owner, record: invitation })
    }

    /// Removes an invitation.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn remove_invitation(&mut self, id: &InvitationId) -> Result<(), StoreError> {
        beside::remove(&self.tx, INVITATIONS, By::Id, id.as_str()).map(drop)
    }
}
