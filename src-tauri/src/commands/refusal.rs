//! The refusal of a command: a code from the closed list, a sentence, and the fields that the code needs besides.

use std::collections::BTreeMap;

use domain::access::Denied;
use domain::action::Why;
use domain::configuration::InvalidConfiguration;
use domain::ledger::Deployment;
use domain::strategy::StrategyError;
use domain::terms::InvalidTerms;
use domain::wire::{ErrorCode, Problem};
use serde_json::{Value, json};

use crate::store::StoreError;

/// The sentence for a fault of the server; the rest is for its log.
const OWN_FAULT: &str = "The server could not do this because of a fault of its own; its log says which.";

/// A refused command. Nothing has changed.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub struct Refusal {
    /// In one word.
    pub code: ErrorCode,
    /// A sentence with the cause and the remedy.
    pub detail: String,
    /// The fields that the code needs besides.
    pub more: BTreeMap<String, Value>,
}

impl Refusal {
    /// A refusal with nothing besides.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), more: BTreeMap::new() }
    }

    /// A fault of the server. The cause goes to the log only.
    pub fn fault(what: &str, cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "{what}");
        Self::unknown_fault()
    }

    /// A fault of the server whose cause is in the log already.
    pub fn unknown_fault() -> Self {
        Self::new(ErrorCode::Internal, OWN_FAULT)
    }

    /// A field with a value that cannot be used.
    pub fn invalid(field: &str, detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidField, detail).with("field", field)
    }

    /// Something that the caller's rights do not allow.
    pub fn denied(denied: &Denied) -> Self {
        let refusal = Self::new(denied.code(), denied.to_string());
        match denied {
            Denied::Role(role) => refusal.with("role", role.as_str()),
            Denied::ServerRole(role) => refusal.with("server_role", role.as_str()),
            Denied::Scope(scope) => refusal.with("scope", scope.as_str()),
            Denied::Unseen | Denied::OtherDeployments | Denied::ThroughToken | Denied::SignInTooOld => refusal,
        }
    }

    /// Something that may not be done with `deployment` now.
    pub fn because(why: &Why, deployment: &Deployment) -> Self {
        let refusal = Self::new(why.code(), why.sentence(deployment));
        match why {
            Why::Denied(denied) => Self::denied(denied),
            Why::InProgress(running) => {
                let rollout = running.rollout.map(|(number, _)| number);
                let advice = rollout.map(|number| {
                    format!(" Wait for rollout {number}, cancel it, or name it in on_top_of to take over from it.")
                });
                Self { detail: refusal.detail + &advice.unwrap_or_default(), ..refusal }
                    .with("operation", json!(running.operation))
                    .with("actor", running.actor.as_str())
                    .with("since", running.since.to_string())
                    .with("rollout", rollout.map(|number| number.0))
            }
            Why::Status(_, status) => refusal.with("deployment_status", json!(status)),
            Why::Phase(not_possible) => refusal.with("phase", json!(not_possible.phase.word())),
            Why::NoRollout(_) | Why::NothingEarlier => refusal,
        }
    }

    /// JSON whose field at `path` (as `serde_path_to_error` writes it) is unknown, missing or has a value that
    /// cannot be used.
    pub fn of_json(path: &str, error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let path = if path == "." { "" } else { path.trim_end_matches('.') };
        let inside = |name: &str| match path {
            "" => name.to_owned(),
            path if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
            path => format!("{path}.{name}"),
        };
        let named = |start: &str| text.strip_prefix(start).and_then(|rest| rest.split('`').next()).map(inside);
        if let Some(field) = named("unknown field `") {
            return Self::new(ErrorCode::UnknownField, format!("{field}: {text}.")).with("field", field);
        }
        match named("missing field `").unwrap_or_else(|| path.to_owned()) {
            field if field.is_empty() => Self::new(ErrorCode::InvalidField, format!("{text}.")),
            field => Self::invalid(&field, format!("{field}: {text}.")),
        }
    }

    /// With one thing more.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.more.insert(key.to_owned(), value.into());
        self
    }

    /// As it travels. What an internal error says goes to the log instead.
    pub fn problem(&self) -> Problem {
        let mut detail = self.detail.as_str();
        if self.code == ErrorCode::Internal && detail != OWN_FAULT {
            tracing::error!(detail, "a request failed");
            detail = OWN_FAULT;
        }
        let word = serde_json::to_value(self.code).ok();
        let word = word.as_ref().and_then(Value::as_str).unwrap_or("internal");
        Problem {
            kind: format!("urn:changeover:problem:{word}"),
            title: self.code.title().to_owned(),
            status: self.code.status(),
            detail: detail.to_owned(),
            code: self.code,
            more: self.more.clone(),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        let code = match error {
            StoreError::Full => ErrorCode::StorageFull,
            StoreError::Locked | StoreError::NotWritten(_) => ErrorCode::StorageUnavailable,
            _ => ErrorCode::Internal,
        };
        Self::new(code, error.to_string())
    }
}

impl From<InvalidConfiguration> for Refusal {
    fn from(error: InvalidConfiguration) -> Self {
        Self::invalid(error.field, format!("configuration.{}: {}.", error.field, error.problem))
    }
}

impl From<InvalidTerms> for Refusal {
    fn from(error: InvalidTerms) -> Self {
        Self::invalid(error.field, format!("{error}."))
    }
}

impl From<StrategyError> for Refusal {
    fn from(error: StrategyError) -> Self {
        Self::invalid("strategy", format!("strategy: {error}."))
    }
}
