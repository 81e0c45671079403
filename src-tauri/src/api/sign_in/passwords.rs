//! Passwords are hashed with argon2id, which takes time and memory on purpose: off the async threads, two at a time.

use std::sync::Arc;
#[cfg(test)]
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::{Algorithm, Argon2, Params, Version};
use domain::secret::Secret;
use domain::sign_in;
use domain::wire::ErrorCode;
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;

use super::secrets::random;
use crate::commands::Refusal;
use crate::store::tables::identities::PasswordHash;

/// Memory in KiB, passes and lanes, as OWASP recommends them.
const COST: (u32, u32, u32) = (19_456, 2, 1);
/// Passwords that are hashed at a time.
const TURNS: usize = 2;
/// Requests that may wait for that; further ones are refused.
const WAITING: usize = 64;

/// Hashes passwords, and compares them.
pub(in crate::api) struct Passwords {
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
    #[cfg(test)]
    runs: Arc<AtomicU64>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(TURNS)),
            places: Arc::new(Semaphore::new(TURNS + WAITING)),
            #[cfg(test)]
            runs: Arc::default(),
        }
    }
}

impl Passwords {
    /// The hash of a new password.
    ///
    /// # Errors
    /// `invalid_field` for one that is too short or too long; `too_many_attempts` while too many wait.
    pub(super) async fn hash(&self, field: &str, password: Secret) -> Result<PasswordHash, Refusal> {
        let wrong = |why| Refusal::invalid(field, format!("{field}: {why}."));
        sign_in::check_password(password.reveal()).map_err(wrong)?;
        let (memory, passes, lanes) = COST;
        let salt = hex::encode(&random()?[..16]);
        let like = PasswordHash { memory, passes, lanes, salt, hash: String::new() };
        let hash = hex::encode(self.run(password, like.clone()).await?);
        Ok(PasswordHash { hash, ..like })
    }

    /// True when `password` has this hash. Without a hash the work is the same, and it is none.
    ///
    /// # Errors
    /// `too_many_attempts` while too many wait.
    pub(super) async fn matches(&self, password: Secret, hash: Option<PasswordHash>) -> Result<bool, Refusal> {
        let (memory, passes, lanes) = COST;
        let nobodys = PasswordHash { memory, passes, lanes, salt: "00".repeat(16), hash: "00".repeat(32) };
        let known = hash.unwrap_or(nobodys);
        let expected = hex::decode(&known.hash).unwrap_or_default();
        let found = self.run(password, known).await?;
        Ok(bool::from(found.ct_eq(expected.as_slice())))
    }

    async fn run(&self, password: Secret, like: PasswordHash) -> Result<Vec<u8>, Refusal> {
        let busy = "Too many passwords are being checked. Try again in a moment.";
        let busy = |_| Refusal::new(ErrorCode::TooManyAttempts, busy).with("retry_after_seconds", 5);
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(busy)?;
        let ended = |error| Refusal::fault("the turns of passwords have ended", &error);
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(ended)?;
        #[cfg(test)]
        let runs = Arc::clone(&self.runs);
        let work = move || {
            // A client that goes away leaves the work to its end, so its turn is over only then.
            let _held = (place, turn);
            #[cfg(test)]
            runs.fetch_add(1, Ordering::SeqCst);
            argon2id(password.reveal(), &like)
        };
        let done = tokio::task::spawn_blocking(work).await;
        done.unwrap_or_else(|error| Err(Refusal::fault("a password was not hashed", &error)))
    }

    /// The number of times that a password was hashed.
    #[cfg(test)]
    pub(in crate::api) fn runs(&self) -> u64 {
        self.runs.load(Ordering::SeqCst)
    }
}

fn argon2id(password: &str, like: &PasswordHash) -> Result<Vec<u8>, Refusal> {
    let failed = |error: &dyn std::fmt::Display| Refusal::fault("a password cannot be hashed", error);
    let params = Params::new(like.memory, like.passes, like.lanes, Some(32)).map_err(|error| failed(&error))?;
    let salt = hex::decode(&like.salt).map_err(|error| failed(&error))?;
    let mut hash = vec![0; 32];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password_into(password.as_bytes(), &salt, &mut hash).map_err(|error| failed(&error))?;
    Ok(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_its_hash_and_nobodys_matches_nothing() {
        let passwords = Passwords::default();
        let hash = passwords.hash("password", Secret::new("correct horse battery")).await.unwrap();
        assert!(passwords.matches(Secret::new("correct horse battery"), Some(hash.clone())).await.unwrap());
        assert!(!passwords.matches(Secret::new("correct horse batter"), Some(hash.clone())).await.unwrap());
        assert!(!passwords.matches(Secret::new("correct horse battery"), None).await.unwrap());
        assert_eq!(passwords.runs(), 4, "the same work for each");
        let again = passwords.hash("password", Secret::new("correct horse battery")).await.unwrap();
        assert_ne!(again.hash, hash.hash, "salted");
        assert!(!format!("{hash:?}").contains(&hash.hash));
        assert!(passwords.hash("password", Secret::new("too short")).await.is_err());
    }

    #[test]
    fn it_is_the_argon2id_that_others_compute() {
        // As the reference implementation in C has it.
        let salt = hex::encode("0123456789abcdef");
        let like = PasswordHash { memory: 19_456, passes: 2, lanes: 1, salt, hash: String::new() };
        let expected = "ebd23ba828c34ec430850a85be94098aa108d25190bf10bce1f5c4d0ab7171ae";
        assert_eq!(hex::encode(argon2id("correct horse battery", &like).unwrap()), expected);
    }
}
