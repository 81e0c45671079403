//! Once for each key of a caller: a repeat answers what the first one answered, and does nothing.

use domain::caller::Caller;
use domain::wire::ErrorCode;

use super::answer::{Answer, Effect};
use crate::commands::Refusal;
use crate::store::tables::idempotency;
use crate::store::{Reading, Writing};

/// The key that a caller gives a request, and what tells the request from another one with the same key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IdempotencyKey {
    /// Chosen by the caller; two callers may choose the same.
    pub(crate) key: String,
    /// A hash of everything that the request asks for.
    pub(crate) fingerprint: String,
}

impl IdempotencyKey {
    /// The answer that was given to this request before.
    ///
    /// # Errors
    /// `idempotency_key_reused` for another request with the same key; those of the store.
    pub(super) fn answered(&self, caller: &Caller, reading: &Reading<'_>) -> Result<Option<Answer>, Refusal> {
        match reading.answer(&caller.actor, &self.key)? {
            None => Ok(None),
            Some(kept) if kept.fingerprint == self.fingerprint => {
                let outcome: Effect = serde_json::from_str(&kept.outcome)
                    .map_err(|error| Refusal::fault("the outcome of a kept answer cannot be read", &error))?;
                Ok(Some(Answer::again(outcome, kept.body)))
            }
            Some(_) => Err(Refusal::new(
                ErrorCode::IdempotencyKeyReused,
                "Another request was sent with this Idempotency-Key in the last day. Send a new key with a new request.",
            )),
        }
    }

    /// Keeps the answer to this request.
    pub(super) fn keep(&self, caller: &Caller, writing: &mut Writing<'_>, answer: &Answer) -> Result<(), Refusal> {
        let body = answer.kept.as_ref().unwrap_or(&answer.body).clone();
        let outcome = serde_json::to_string(&answer.outcome)
            .map_err(|error| Refusal::fault("the outcome of an answer cannot be written", &error))?;
        let kept = idempotency::KeptAnswer { fingerprint: self.fingerprint.clone(), outcome, body };
        Ok(writing.keep_answer(&caller.actor, &self.key, &kept)?)
    }
}
