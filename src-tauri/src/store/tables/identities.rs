//! What people show to prove who they are: passwords, as hashes, and accounts at the identity provider.

use std::collections::BTreeSet;
use std::fmt;

use domain::principal::{PrincipalId, ServerRole};
use domain::provider::{Account, lapses_at};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

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

/// An account at the identity provider that lets somebody in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    /// The person.
    pub person: PrincipalId,
    /// The account.
    pub subject: Account,
    /// The role that the person had before the provider made them an administrator; none where it did not.
    #[serde(default)]
    pub role_before: Option<ServerRole>,
    /// The time at which the provider told of them last; none once what it gave has lapsed.
    #[serde(default)]
    pub told_at: Option<Timestamp>,
}

impl Linked {
    /// The time at which what the provider gave lapses.
    pub fn lapses_at(&self) -> Option<Timestamp> {
        self.told_at.map(lapses_at)
    }
}

/// A way in which a person signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Identity {
    person: PrincipalId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<PasswordHash>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    linked: Option<Linked>,
}

fn of_password(person: &PrincipalId) -> String {
    format!("password:{person}")
}

fn of_provider(person: &PrincipalId) -> String {
    format!("provider:{person}")
}

fn of_taken_out(person: &PrincipalId) -> String {
    format!("taken_out:{person}")
}

/// The key by which an account is found whose person was erased: it says of nobody who they were.
fn key_of_taken_out(subject: &Account) -> String {
    format!("taken out {}", hex::encode(Sha256::digest(key_of(subject))))
}

/// The key by which an account is found. No address of a provider holds a space.
fn key_of(subject: &Account) -> String {
    format!("{} {}", subject.issuer, subject.sub)
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
        self.who(|identity| identity.password.is_some())
    }

    /// The account that lets a person in, if there is one.
    ///
    /// # Errors
    /// As [`Reading::password_of`].
    pub fn linked(&self, person: &PrincipalId) -> Result<Option<Linked>, StoreError> {
        let found: Option<Identity> = beside::one(self.0, IDENTITIES, By::Id, &of_provider(person))?;
        Ok(found.and_then(|identity| identity.linked))
    }

    /// The person whom an account lets in, if there is one.
    ///
    /// # Errors
    /// As [`Reading::password_of`].
    pub fn linked_with(&self, subject: &Account) -> Result<Option<Linked>, StoreError> {
        let found: Option<Identity> = beside::one(self.0, IDENTITIES, By::Key, &key_of(subject))?;
        Ok(found.and_then(|identity| identity.linked))
    }

    /// Everybody whom an account at this provider lets in.
    ///
    /// # Errors
    /// As [`Reading::password_of`].
    pub fn with_account(&self, issuer: &str) -> Result<BTreeSet<PrincipalId>, StoreError> {
        self.who(|identity| identity.linked.as_ref().is_some_and(|linked| linked.subject.issuer == issuer))
    }

    /// Everybody whom an account at any provider lets in, or once did.
    ///
    /// # Errors
    /// As [`Reading::password_of`].
    pub fn all_linked(&self) -> Result<BTreeSet<PrincipalId>, StoreError> {
        self.who(|identity| identity.linked.is_some())
    }

    /// Every account that lets somebody in, or once did.
    ///
    /// # Errors
    /// As [`Reading::password_of`].
    pub fn accounts(&self) -> Result<Vec<Linked>, StoreError> {
        let found: Vec<Identity> = beside::many(self.0, IDENTITIES, None)?;
        Ok(found.into_iter().filter_map(|identity| identity.linked).collect())
    }

    /// True for an account that let somebody in who was erased.
    ///
    /// # Errors
    /// As [`Reading::password_of`].
    pub fn is_taken_out(&self, subject: &Account) -> Result<bool, StoreError> {
        let found: Option<Identity> = beside::one(self.0, IDENTITIES, By::Key, &key_of_taken_out(subject))?;
        Ok(found.is_some())
    }

    fn who(&self, has: impl Fn(&Identity) -> bool) -> Result<BTreeSet<PrincipalId>, StoreError> {
        let found: Vec<Identity> = beside::many(self.0, IDENTITIES, None)?;
        Ok(found.into_iter().filter(|identity| has(identity)).map(|identity| identity.person).collect())
    }
}

impl Writing<'_> {
    /// Gives a person this password.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn put_password(&mut self, person: &PrincipalId, password: PasswordHash) -> Result<(), StoreError> {
        let record = Identity { person: person.clone(), password: Some(password), linked: None };
        let id = of_password(person);
        let row = Beside { id: &id, key: None, owner: person.as_str(), record: &record };
        beside::put(&self.tx, IDENTITIES, &row)
    }

    /// Has an account let a person in, in the place of the one before.
    ///
    /// # Errors
    /// Those of SQLite; it lets somebody else in.
    pub fn put_linked(&mut self, linked: Linked) -> Result<(), StoreError> {
        let (id, key, person) = (of_provider(&linked.person), key_of(&linked.subject), linked.person.clone());
        let record = Identity { person: person.clone(), password: None, linked: Some(linked) };
        let row = Beside { id: &id, key: Some(&key), owner: person.as_str(), record: &record };
        beside::put(&self.tx, IDENTITIES, &row)
    }

    /// Has no account let a person in any more.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn remove_linked(&mut self, person: &PrincipalId) -> Result<(), StoreError> {
        beside::remove(&self.tx, IDENTITIES, By::Id, &of_provider(person)).map(drop)
    }

    /// Removes everything that a person signs in with. Of their account at the provider a hash is kept, so that it makes
    /// nobody of them again by itself.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn remove_identities(&mut self, person: &PrincipalId) -> Result<(), StoreError> {
        let linked = self.reading().linked(person)?;
        beside::remove(&self.tx, IDENTITIES, By::Owner, person.as_str())?;
        let Some(linked) = linked else { return Ok(()) };
        let record = Identity { person: person.clone(), password: None, linked: None };
        let (id, key) = (of_taken_out(person), key_of_taken_out(&linked.subject));
        beside::remove(&self.tx, IDENTITIES, By::Key, &key)?;
        let row = Beside { id: &id, key: Some(&key), owner: person.as_str(), record: &record };
        beside::put(&self.tx, IDENTITIES, &row)
    }
}
