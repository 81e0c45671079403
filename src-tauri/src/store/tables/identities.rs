//! What people show to prove who they are: passwords, as hashes.

use std::collections::BTreeSet;
use std::fmt;

use domain::principal::PrincipalId;
use serde::{Deserialize, Serialize};

use super::beside::{self, Beside, By, IDENTITIES};
use crate::store::{Reading, StoreError, Writing};

/// The hash of a password, with what it was made with: the costs may rise later.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordHash {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
    /// Salt, in hexadecimal.
    pub salt: String,
    /// The hash, argon2id, in hexadecimal.
    pub hash: String,
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// A way in which a person signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Identity {
    person: PrincipalId,
    password: Option<PasswordHash>,
}

fn of_password(person: &PrincipalId) -> String {
    format!("password:{person}")
}

impl Reading<'_> {
    /// The hash of a person's password, if they have one.
    ///
    /// # Errors
    /// Those of SQLite; the row was changed.
    pub fn password_of(&self, person: &PrincipalId) -> Result<Option<PasswordHash>, StoreError> {
        let found: Option<Identity> = beside::one(self.0, IDENTITIES, By::Id, &of_password(person))?;
        Ok(found.and_then(|identity| identity.password))
    }

    /// Everybody who has a password.
    ///
    /// # Errors
    /// As [`Reading::password_of`].
    pub fn with_password(&self) -> Result<BTreeSet<PrincipalId>, StoreError> {
        let found: Vec<Identity> = beside::many(self.0, IDENTITIES, None)?;
        let with_password = found.into_iter().filter(|identity| identity.password.is_some());
        Ok(with_password.map(|identity| identity.person).collect())
    }
}

impl Writing<'_> {
    /// Gives a person this password.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn put_password(&mut self, person: &PrincipalId, password: PasswordHash) -> Result<(), StoreError> {
        let (id, record) = (of_password(person), Identity { person: person.clone(), password: Some(password) });
        let row = Beside { id: &id, key: None, owner: person.as_str(), record: &record };
        beside::put(&self.tx, IDENTITIES, &row)
    }

    /// Removes everything that a person signs in with.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn remove_identities(&mut self, person: &PrincipalId) -> Result<(), StoreError> {
        beside::remove(&self.tx, IDENTITIES, By::Owner, person.as_str()).map(drop)
    }
}
