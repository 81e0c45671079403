//! API tokens of people and services, found by their hashes; the tokens themselves stand nowhere.

use std::collections::BTreeSet;

use domain::caller::Scope;
use domain::id::{DeploymentId, TokenId};
use domain::principal::PrincipalId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::beside::{self, API_TOKENS, Beside, By};
use crate::store::{Reading, StoreError, Writing};

/// An API token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiTokenRow {
    /// Names it.
    pub id: TokenId,
    /// SHA-256 of it, in hexadecimal.
    pub hash: String,
    /// Its name.
    pub name: String,
    /// The person or service whose it is.
    pub owner: PrincipalId,
    /// The part of their rights that it carries.
    pub scopes: BTreeSet<Scope>,
    /// The deployments that it is for; none when it is for all of theirs.
    pub deployments: Option<BTreeSet<DeploymentId>>,
    /// The time at which it was made.
    pub made_at: Timestamp,
    /// The time at which it ends.
    pub expires_at: Timestamp,
    /// The time of its last use, as far as it was noted.
    pub used_at: Option<Timestamp>,
}

impl Reading<'_> {
    /// The API token that has this hash, expired or not.
    ///
    /// # Errors
    /// Those of SQLite; the row was changed.
    pub fn api_token_with_hash(&self, hash: &str) -> Result<Option<ApiTokenRow>, StoreError> {
        beside::one(self.0, API_TOKENS, By::Key, hash)
    }

    /// An API token, expired or not.
    ///
    /// # Errors
    /// As [`Reading::api_token_with_hash`].
    pub fn api_token(&self, id: &TokenId) -> Result<Option<ApiTokenRow>, StoreError> {
        beside::one(self.0, API_TOKENS, By::Id, id.as_str())
    }

    /// The API tokens of `owner`, or of everybody, oldest first.
    ///
    /// # Errors
    /// As [`Reading::api_token_with_hash`].
    pub fn api_tokens(&self, owner: Option<&PrincipalId>) -> Result<Vec<ApiTokenRow>, StoreError> {
        beside::many(self.0, API_TOKENS, owner.map(PrincipalId::as_str))
    }
}

impl Writing<'_> {
    /// Writes an API token, in the place of how it was before.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn put_api_token(&mut self, token: &ApiTokenRow) -> Result<(), StoreError> {
        let (id, owner) = (token.id.as_str(), token.owner.as_str());
        beside::put(&self.tx, API_TOKENS, &Beside { id, key: Some(&token.hash), owner, record: token })
    }

    /// Removes an API token.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn remove_api_token(&mut self, id: &TokenId) -> Result<(), StoreError> {
        beside::remove(&self.tx, API_TOKENS, By::Id, id.as_str()).map(drop)
    }
}
