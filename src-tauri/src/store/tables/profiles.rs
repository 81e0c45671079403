//! Names and e-mail addresses. They stand here and nowhere else, so that a person can be erased.

use std::collections::BTreeMap;

use domain::principal::PrincipalId;
use domain::sign_in;
use serde::{Deserialize, Serialize};

use super::beside::{self, Beside, By, PROFILES};
use crate::store::{Reading, StoreError, Writing};

/// The name of a person or a service, and how a person is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The person or service.
    pub id: PrincipalId,
    /// Their name.
    pub name: String,
    /// Their e-mail address; a service has none.
    pub email: Option<String>,
}

impl Reading<'_> {
    /// The profile of a person or a service, if they have one.
    ///
    /// # Errors
    /// Those of SQLite; the row was changed.
    pub fn profile(&self, id: &PrincipalId) -> Result<Option<Profile>, StoreError> {
        beside::one(self.0, PROFILES, By::Id, id.as_str())
    }

    /// The profile with this e-mail address, whatever its capitals.
    ///
    /// # Errors
    /// As [`Reading::profile`].
    pub fn profile_with_email(&self, email: &str) -> Result<Option<Profile>, StoreError> {
        beside::one(self.0, PROFILES, By::Key, &sign_in::account(email))
    }

    /// Every profile.
    ///
    /// # Errors
    /// As [`Reading::profile`].
    pub fn profiles(&self) -> Result<BTreeMap<PrincipalId, Profile>, StoreError> {
        let profiles: Vec<Profile> = beside::many(self.0, PROFILES, None)?;
        Ok(profiles.into_iter().map(|profile| (profile.id.clone(), profile)).collect())
    }
}

impl Writing<'_> {
    /// Writes a profile, in the place of the one before.
    ///
    /// # Errors
    /// Those of SQLite; somebody else has the e-mail address.
    pub fn put_profile(&mut self, profile: &Profile) -> Result<(), StoreError> {
        let key = profile.email.as_deref().map(sign_in::account);
        let id = profile.id.as_str();
        beside::put(&self.tx, PROFILES, &Beside { id, key: key.as_deref(), owner: id, record: profile })
    }

    /// Removes a profile, if there is one.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn remove_profile(&mut self, id: &PrincipalId) -> Result<(), StoreError> {
        beside::remove(&self.tx, PROFILES, By::Id, id.as_str()).map(drop)
    }
}
