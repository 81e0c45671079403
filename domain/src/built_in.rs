//! What the built-in runtime takes from `user_config` while it runs (RAY-4).

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The keys that the built-in runtime understands; others are kept for whoever reads them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BuiltInConfig {
    /// For two classes: the second one is answered from this probability on. Above 0, at most 1. Default 0.5.
    pub threshold: Option<f64>,
    /// Names to answer instead of the model's own classes, in their order. At most 10,000.
    pub labels: Option<Vec<String>>,
    /// The most rows of one request; a larger one is refused. 1 to 1,000,000.
    pub batch_limit: Option<u32>,
}

impl BuiltInConfig {
    /// Reads it.
    ///
    /// # Errors
    /// A sentence about the first key with a value that cannot be used.
    pub fn read(user_config: &Value) -> Result<Self, String> {
        if !user_config.is_object() {
            // Any JSON is a user_config (RAY-4); only an object has keys.
            return Ok(Self::default());
        }
        let read: Self = serde_path_to_error::deserialize(user_config)
            .map_err(|error| format!("{}: {}", error.path(), error.inner()))?;
        if read.threshold.is_some_and(|threshold| !(threshold > 0.0 && threshold <= 1.0)) {
            return Err("threshold: a probability above 0, at most 1".to_owned());
        }
        if read.labels.as_ref().is_some_and(|labels| labels.is_empty() || labels.len() > 10_000) {
            return Err("labels: 1 to 10,000 names".to_owned());
        }
        if read.batch_limit.is_some_and(|limit| !(1..=1_000_000).contains(&limit)) {
            return Err("batch_limit: 1 to 1,000,000 rows".to_owned());
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_key_has_its_range_and_other_keys_are_let_pass() {
        for (given, problem) in [
            (json!({}), None),
            (json!(7), None),
            (json!({"anything": [1]}), None),
            (json!({"threshold": 0.3, "labels": ["no", "yes"], "batch_limit": 10}), None),
            (json!({"threshold": 0}), Some("threshold")),
            (json!({"threshold": "half"}), Some("threshold")),
            (json!({"labels": []}), Some("labels")),
            (json!({"labels": [1]}), Some("labels")),
            (json!({"batch_limit": 0}), Some("batch_limit")),
            (json!({"batch_limit": -1}), Some("batch_limit")),
        ] {
            match (BuiltInConfig::read(&given), problem) {
                (Ok(_), None) => {}
                (Err(said), Some(word)) => assert!(said.starts_with(word), "{given}: {said}"),
                (got, _) => panic!("{given}: {got:?}"),
            }
        }
    }
}
