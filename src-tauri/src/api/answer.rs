//! The answer to a request, in a form that every door can write and that can be kept: JSON, and what it is about.

use domain::id::{
    CheckId, ConfigurationId, DeploymentName, FreezeId, Generation, ModelRef, PolicyId, RequestId, RolloutNumber,
    UseCaseId, WebhookId,
};
use domain::wire::{ErrorCode, Page};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::commands::Refusal;

/// The outcome of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Effect {
    /// It has been done, or read.
    Done,
    /// Something was made.
    Created,
    /// Something was begun that goes on.
    Accepted,
    /// It was refused.
    Refused(ErrorCode),
}

/// The thing that was made or begun, by which a door says where it can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    Deployment(DeploymentName),
    Rollout(DeploymentName, RolloutNumber),
    Check(DeploymentName, CheckId),
    Configuration(ConfigurationId),
    ConfigurationOf(DeploymentName, ConfigurationId),
    Model(ModelRef),
    Request(RequestId),
    Policy(PolicyId),
    Freeze(FreezeId),
    Webhook(WebhookId),
    UseCase(UseCaseId),
}

/// Outcome, JSON, and the tag of what it shows.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) outcome: Effect,
    pub(crate) body: String,
    /// It was given before, to a request with the same key.
    pub(crate) replayed: bool,
    /// Tells this state of what it shows from every other one.
    pub(crate) tag: Option<String>,
    pub(crate) resource: Option<Resource>,
    /// The part that is kept under an idempotency key, instead of a body that holds a secret.
    pub(super) kept: Option<String>,
}

impl Answer {
    /// `view` with `outcome`.
    pub(crate) fn new(outcome: Effect, view: &impl Serialize) -> Result<Self, Refusal> {
        Ok(Self::with_body(outcome, written(view)?))
    }

    /// `view` of something that has been done, or read.
    pub(crate) fn done(view: &impl Serialize) -> Result<Self, Refusal> {
        Self::new(Effect::Done, view)
    }

    /// The whole of a list that is not cut into pages.
    pub(crate) fn all<T: Serialize>(items: Vec<T>) -> Result<Self, Refusal> {
        Self::done(&Page { items, next_cursor: None })
    }

    /// `view` of `resource`, which was made.
    pub(crate) fn created(resource: Resource, view: &impl Serialize) -> Result<Self, Refusal> {
        Ok(Self { resource: Some(resource), ..Self::new(Effect::Created, view)? })
    }

    /// `view` of `resource`, which was begun.
    pub(crate) fn accepted(resource: Resource, view: &impl Serialize) -> Result<Self, Refusal> {
        Ok(Self { resource: Some(resource), ..Self::new(Effect::Accepted, view)? })
    }

    /// A refusal, as it is kept under an idempotency key.
    pub(super) fn refused(refusal: &Refusal) -> Result<Self, Refusal> {
        Self::new(Effect::Refused(refusal.code), &refusal.problem())
    }

    /// An answer that was given before.
    pub(super) fn again(outcome: Effect, body: String) -> Self {
        Self { replayed: true, ..Self::with_body(outcome, body) }
    }

    fn with_body(outcome: Effect, body: String) -> Self {
        Self { outcome, body, replayed: false, tag: None, resource: None, kept: None }
    }

    /// The same, given a second time.
    #[must_use]
    pub(super) fn replay(self) -> Self {
        Self { replayed: true, ..self }
    }

    /// The same with another view; what is kept under an idempotency key stays.
    pub(super) fn showing(self, view: &impl Serialize) -> Result<Self, Refusal> {
        Ok(Self { body: written(view)?, ..self })
    }

    /// The same, of which only `rest` is kept under an idempotency key: it holds a secret.
    pub(super) fn keeping(self, rest: &impl Serialize) -> Result<Self, Refusal> {
        Ok(Self { kept: Some(written(rest)?), ..self })
    }

    /// Tagged with a deployment's generation, which writes may name.
    #[must_use]
    pub(crate) fn at(self, generation: Generation) -> Self {
        Self { tag: Some(generation.to_string()), ..self }
    }

    /// Tagged with a hash of its content.
    #[must_use]
    pub(crate) fn hashed(self) -> Self {
        let hash = hex::encode(&Sha256::digest(&self.body)[..16]);
        Self { tag: Some(hash), ..self }
    }
}

fn written(view: &impl Serialize) -> Result<String, Refusal> {
    serde_json::to_string(view).map_err(|error| Refusal::fault("a view cannot be written", &error))
}
