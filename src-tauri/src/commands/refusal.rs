//! Why a command was refused: a code from the closed list, a sentence, and what the code needs besides.

use std::collections::BTreeMap;

use domain::configuration::InvalidConfiguration;
use domain::rollout::NotPossible;
use domain::strategy::StrategyError;
use domain::wire::{ErrorCode, Problem};
use serde_json::Value;

use crate::store::StoreError;

/// A refused command. Nothing has changed.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub struct Refusal {
    /// In one word.
    pub code: ErrorCode,
    /// What happened, why, and what to do.
    pub detail: String,
    /// What the code needs besides.
    pub more: BTreeMap<String, Value>,
}

impl Refusal {
    /// A refusal with nothing besides.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), more: BTreeMap::new() }
    }

    /// A field with a value that cannot be used.
    pub fn invalid(field: &str, detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidField, detail).with("field", field)
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

    /// As it travels.
    pub fn problem(&self) -> Problem {
        let word = serde_json::to_value(self.code).ok();
        let word = word.as_ref().and_then(Value::as_str).unwrap_or("internal");
        Problem {
            kind: format!("urn:changeover:problem:{word}"),
            title: self.code.title().to_owned(),
            status: self.code.status(),
            detail: self.detail.clone(),
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

impl From<StrategyError> for Refusal {
    fn from(error: StrategyError) -> Self {
        Self::invalid("strategy", format!("strategy: {error}."))
    }
}

impl From<NotPossible> for Refusal {
    fn from(error: NotPossible) -> Self {
        let phase = serde_json::to_value(error.phase.word()).unwrap_or_default();
        let event = format!("{:?}", error.event).to_lowercase();
        let word = phase.as_str().unwrap_or_default().to_owned();
        Self::new(ErrorCode::RolloutForbids, format!("The rollout is {word}, so it cannot {event}."))
            .with("phase", phase)
    }
}
