//! Secrets that are given out once: only their hashes are kept.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::secret::Secret;
use domain::sign_in;
use domain::webhook::SECRET_PREFIX;
use sha2::{Digest as _, Sha256};

use crate::commands::Refusal;

/// A secret that was just made, and what is kept of it.
pub(crate) struct MadeSecret {
    /// The secret, for whoever it is made for.
    pub(crate) text: Secret,
    /// SHA-256 of it, in hexadecimal.
    pub(crate) hash: String,
}

impl MadeSecret {
    /// One for a cookie or a link: 32 random bytes in hexadecimal.
    pub(crate) fn plain() -> Result<Self, Refusal> {
        Ok(Self::of(hex::encode(random()?)))
    }

    /// An API token.
    pub(crate) fn api_token() -> Result<Self, Refusal> {
        Ok(Self::of(sign_in::write_token(&random()?)))
    }

    /// One that signs messages to a webhook: it is kept itself, since a hash signs nothing.
    pub(crate) fn of_webhook() -> Result<Secret, Refusal> {
        Ok(Secret::new(format!("{SECRET_PREFIX}{}", STANDARD.encode(random()?))))
    }

    fn of(text: String) -> Self {
        Self { hash: hash_of(&text), text: Secret::new(text) }
    }
}

/// What is kept of a secret. It is as random as the hash is long, so nothing is gained by a slow one.
pub(super) fn hash_of(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

pub(super) fn random() -> Result<[u8; 32], Refusal> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Refusal::fault("the system gives no random numbers", &error))?;
    Ok(bytes)
}
