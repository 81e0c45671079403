//! Configurations: which model versions, with which settings. Immutable once made (SAP-1).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::diff::{self, Impact};
use crate::id::ModelRef;
use crate::{canonical, strategy::MAX_REPLICAS};

/// What runs the model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Runtime {
    /// The built-in one: ONNX Runtime behind the Open Inference Protocol.
    #[default]
    Onnx,
    /// Any program that answers a health route.
    Command,
}

/// How many replicas: 1 to [`MAX_REPLICAS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct ReplicaCount(u32);

impl ReplicaCount {
    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<i64> for ReplicaCount {
    type Error = String;
    fn try_from(count: i64) -> Result<Self, String> {
        match u32::try_from(count) {
            Ok(count) if (1..=MAX_REPLICAS).contains(&count) => Ok(Self(count)),
            _ => Err(format!("{count} replicas are not possible; ask for 1 to {MAX_REPLICAS}")),
        }
    }
}

impl From<ReplicaCount> for i64 {
    fn from(count: ReplicaCount) -> i64 {
        count.0.into()
    }
}

/// What one replica asks of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Resources {
    /// Cores; the built-in runtime computes with this many threads, rounded up. Default 0.1, above 0 to 1,024.
    pub cpu: f64,
    /// Memory in gigabytes. Default 0.5, above 0 to 4,096.
    pub memory_gb: f64,
    /// GPUs. Default 0, to 64.
    pub gpu: f64,
}

impl Default for Resources {
    fn default() -> Self {
        Self { cpu: 0.1, memory_gb: 0.5, gpu: 0.0 }
    }
}

/// Where the model server answers; the built-in runtime has the routes of the Open Inference Protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Routes {
    /// Where clients send predictions, below the inference URL. Default `/v2/models/{model}/infer`.
    pub predict: String,
    /// Answers 200 while the replica is ready (VX-4). Default `/v2/health/ready`.
    pub health: String,
}

impl Default for Routes {
    fn default() -> Self {
        Self { predict: "/v2/models/{model}/infer".to_owned(), health: "/v2/health/ready".to_owned() }
    }
}

/// How a ready replica is watched (AZ-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Liveness {
    /// Seconds between two looks at the health route. Default 10, 1 to 3,600.
    pub period_seconds: u32,
    /// Seconds after the start during which failing looks are not counted. Default 310, at most 86,400.
    pub initial_delay_seconds: u32,
    /// Seconds after which one look has failed. Default 2, 1 to 600.
    pub timeout_seconds: u32,
    /// Looks that must succeed in a row. Default 1, 1 to 100.
    pub success_threshold: u32,
    /// Looks that must fail in a row. Default 3, 1 to 100.
    pub failure_threshold: u32,
}

impl Default for Liveness {
    fn default() -> Self {
        Self {
            period_seconds: 10,
            initial_delay_seconds: 310,
            timeout_seconds: 2,
            success_threshold: 1,
            failure_threshold: 3,
        }
    }
}

/// Who may call the inference URL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Auth {
    /// Everyone who reaches the gateway.
    #[default]
    None,
}

/// A deployment's settings. A field that is not sent has its default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Configuration {
    /// What people call it, at most 128 characters. Default: the models' names.
    pub name: String,
    /// Model versions that are bound. The built-in runtime needs exactly one.
    pub models: Vec<ModelRef>,
    /// What runs them.
    pub runtime: Runtime,
    /// Names the code (RAY-2), at most 128 characters.
    pub version: Option<String>,
    /// How many replicas. Default 1.
    pub replicas: ReplicaCount,
    /// What one replica asks of the machine.
    pub resources: Resources,
    /// Environment variables, at most 256.
    pub env: BTreeMap<String, String>,
    /// Any JSON, given to every replica (RAY-4).
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub user_config: Value,
    /// Program and arguments of the runtime `command`; `{port}`, `{model}` and `{env}` are filled in.
    pub command: Option<Vec<String>>,
    /// Where the model server answers.
    pub routes: Routes,
    /// Longest time until a replica begins to answer, in milliseconds; then 504. Default 60,000, 1 to 3,600,000.
    pub scoring_timeout_ms: u32,
    /// Requests that one replica answers at a time. Default 1, 1 to 100,000.
    pub max_concurrent_requests: u32,
    /// Longest wait for a free replica in milliseconds; then 503. Default 500, at most 600,000.
    pub max_queue_ms: u32,
    /// How a ready replica is watched.
    pub liveness: Liveness,
    /// Who may call.
    pub auth: Auth,
}

impl Default for Configuration {
    fn default() -> Self {
        Self {
            name: String::new(),
            models: Vec::new(),
            runtime: Runtime::Onnx,
            version: None,
            replicas: ReplicaCount(1),
            resources: Resources::default(),
            env: BTreeMap::new(),
            user_config: Value::Object(Map::new()),
            command: None,
            routes: Routes::default(),
            scoring_timeout_ms: 60_000,
            max_concurrent_requests: 1,
            max_queue_ms: 500,
            liveness: Liveness::default(),
            auth: Auth::None,
        }
    }
}

/// Why a configuration cannot be used: a field, and a sentence about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct InvalidConfiguration {
    /// The field, with dots.
    pub field: &'static str,
    /// What is wrong and what to do.
    pub problem: String,
}

impl Configuration {
    /// Checks what the types cannot say, and fills in a missing name.
    ///
    /// # Errors
    /// The first field that cannot be used.
    pub fn checked(mut self) -> Result<Self, InvalidConfiguration> {
        let fail = |field, problem: String| Err(InvalidConfiguration { field, problem });
        match self.runtime {
            Runtime::Onnx if self.models.len() != 1 => {
                return fail(
                    "models",
                    format!("the runtime onnx serves exactly one model, {} are named", self.models.len()),
                );
            }
            Runtime::Onnx if self.command.is_some() => {
                return fail(
                    "command",
                    "only the runtime command starts a program; set \"runtime\":\"command\"".to_owned(),
                );
            }
            Runtime::Command if self.command.as_ref().is_none_or(Vec::is_empty) => {
                return fail(
                    "command",
                    "the runtime command needs a program, for example [\"python3\",\"serve.py\",\"--port\",\"{port}\"]"
                        .to_owned(),
                );
            }
            _ => {}
        }
        if self.models.len() > 16 {
            return fail("models", "at most 16 models can be bound".to_owned());
        }
        if self.name.is_empty() {
            self.name = match self.models.as_slice() {
                [] => self.command.iter().flatten().next().cloned().unwrap_or_default(),
                models => models.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            };
            self.name.truncate(self.name.char_indices().nth(128).map_or(self.name.len(), |(at, _)| at));
        }
        let texts = [("name", Some(&self.name)), ("version", self.version.as_ref())];
        for (field, text) in texts {
            if text.is_some_and(|text| text.chars().count() > 128 || text.chars().any(char::is_control)) {
                return fail(field, "at most 128 characters, without control characters".to_owned());
            }
        }
        if self.env.len() > 256
            || self.env.iter().any(|(key, value)| !variable(key) || value.len() > 32_768 || value.contains('\0'))
        {
            return fail("env", "at most 256 variables; names are letters, digits and '_' and do not begin with a digit or CHANGEOVER_; values hold at most 32,768 bytes".to_owned());
        }
        if self.command.iter().flatten().any(|word| word.len() > 8_192 || word.contains('\0'))
            || self.command.as_ref().is_some_and(|c| c.len() > 256)
        {
            return fail("command", "at most 256 words of 8,192 bytes".to_owned());
        }
        if self.user_config.to_string().len() > 65_536 {
            return fail("user_config", "at most 65,536 bytes".to_owned());
        }
        for (field, route) in [("routes.predict", &self.routes.predict), ("routes.health", &self.routes.health)] {
            if !route.starts_with('/')
                || route.len() > 512
                || route.chars().any(|c| c.is_whitespace() || c.is_control())
            {
                return fail(
                    field,
                    "a route begins with '/' and holds at most 512 characters without spaces".to_owned(),
                );
            }
        }
        let amounts = [
            ("resources.cpu", self.resources.cpu, 0.0, 1024.0),
            ("resources.memory_gb", self.resources.memory_gb, 0.0, 4096.0),
        ];
        for (field, amount, above, most) in amounts {
            if !(amount > above && amount <= most) {
                return fail(field, format!("{amount} is out of range: above {above}, at most {most}"));
            }
        }
        if self.resources.gpu != 0.0 {
            return fail("resources.gpu", "the local target does not give out GPUs; leave it at 0".to_owned());
        }
        for (field, value, least, most) in [
            ("scoring_timeout_ms", self.scoring_timeout_ms, 1, 3_600_000),
            ("max_concurrent_requests", self.max_concurrent_requests, 1, 100_000),
            ("max_queue_ms", self.max_queue_ms, 0, 600_000),
            ("liveness.period_seconds", self.liveness.period_seconds, 1, 3_600),
            ("liveness.initial_delay_seconds", self.liveness.initial_delay_seconds, 0, 86_400),
            ("liveness.timeout_seconds", self.liveness.timeout_seconds, 1, 600),
            ("liveness.success_threshold", self.liveness.success_threshold, 1, 100),
            ("liveness.failure_threshold", self.liveness.failure_threshold, 1, 100),
        ] {
            if !(least..=most).contains(&value) {
                return fail(field, format!("{value} is out of range: {least} to {most}"));
            }
        }
        Ok(self)
    }

    /// As JSON with every default written out.
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Equal for configurations that ask for the same thing; the name is not part of it (RAY-1).
    pub fn content_hash(&self) -> String {
        let mut value = self.to_value();
        if let Value::Object(fields) = &mut value {
            fields.remove("name");
        }
        canonical::hash(&value)
    }

    /// Equal for configurations whose replicas are alike, so that none needs a restart (RAY-2).
    /// It covers exactly the fields whose [`Impact`] is a rolling restart.
    pub fn code_hash(&self) -> String {
        let mut value = self.to_value();
        if let Value::Object(fields) = &mut value {
            fields.retain(|field, _| diff::impact(field) == Impact::RollingRestart);
        }
        canonical::hash(&value)
    }
}

fn variable(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 256
        && !name.starts_with("CHANGEOVER_")
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !name.as_bytes()[0].is_ascii_digit()
}

/// `base` with `changes` on top: fields that are not mentioned stay (VX-7, AZ-2), `null` takes a field
/// back to its default, objects are merged (JSON merge patch, RFC 7396). `user_config` and `env`
/// follow the same rule.
pub fn merge(base: Value, changes: &Value) -> Value {
    let Value::Object(changes) = changes else { return changes.clone() };
    let mut fields = match base {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    for (key, change) in changes {
        if change.is_null() {
            fields.remove(key);
        } else {
            let old = fields.remove(key).unwrap_or(Value::Null);
            fields.insert(key.clone(), merge(old, change));
        }
    }
    Value::Object(fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: Value) -> Result<Configuration, String> {
        let configuration: Configuration = serde_json::from_value(value).map_err(|e| e.to_string())?;
        configuration.checked().map_err(|e| e.to_string())
    }

    #[test]
    fn defaults_are_those_of_the_contract() {
        let configuration = read(json!({"models": ["iris@1"]})).unwrap();
        let value = configuration.to_value();
        assert_eq!(value["name"], "iris@1");
        assert_eq!(value["replicas"], 1);
        assert_eq!(value["resources"], json!({"cpu": 0.1, "memory_gb": 0.5, "gpu": 0.0}));
        assert_eq!((&value["scoring_timeout_ms"], &value["max_queue_ms"]), (&json!(60_000), &json!(500)));
        assert_eq!((&value["max_concurrent_requests"], &value["auth"]), (&json!(1), &json!("none")));
        assert_eq!(value["liveness"]["initial_delay_seconds"], 310);
        assert_eq!(serde_json::from_value::<Configuration>(value).unwrap(), configuration);
    }

    #[test]
    fn each_wrong_field_is_named() {
        for (given, word) in [
            (json!({"models": ["iris@1"], "replicas": 0}), "0 replicas"),
            (json!({"models": ["iris@1"], "replicas": -3}), "-3 replicas"),
            (json!({"models": ["iris@1"], "replicas": 10_000}), "10000 replicas"),
            (json!({"models": ["iris@1"], "replica": 2}), "replica"),
            (json!({"models": []}), "models"),
            (json!({"models": ["iris"]}), "iris@2"),
            (json!({"models": ["iris@1"], "command": ["x"]}), "command"),
            (json!({"runtime": "command"}), "command"),
            (json!({"models": ["iris@1"], "max_concurrent_requests": 0}), "max_concurrent_requests"),
            (json!({"models": ["iris@1"], "env": {"9": "x"}}), "env"),
            (json!({"models": ["iris@1"], "env": {"CHANGEOVER_TOKEN": "x"}}), "env"),
            (json!({"models": ["iris@1"], "resources": {"gpu": 1}}), "gpu"),
            (json!({"models": ["iris@1"], "resources": {"cpu": 0}}), "cpu"),
            (json!({"models": ["iris@1"], "routes": {"health": "up"}}), "routes.health"),
            (json!({"models": ["iris@1"], "liveness": {"period": 1}}), "period"),
        ] {
            let error = read(given.clone()).unwrap_err();
            assert!(error.contains(word), "{given}: {error}");
        }
    }

    #[test]
    fn the_name_is_no_content_and_only_code_needs_a_restart() {
        let base = read(json!({"models": ["iris@1"]})).unwrap();
        let renamed = Configuration { name: "other".to_owned(), ..base.clone() };
        assert_eq!(base.content_hash(), renamed.content_hash());
        let scaled = Configuration { replicas: ReplicaCount(5), ..base.clone() };
        assert_ne!(base.content_hash(), scaled.content_hash());
        assert_eq!(base.code_hash(), scaled.code_hash());
        let other = read(json!({"models": ["iris@2"]})).unwrap();
        assert_ne!(base.code_hash(), other.code_hash());
    }

    #[test]
    fn what_is_not_sent_stays_and_null_goes_back_to_the_default() {
        let base = json!({"replicas": 5, "env": {"A": "1", "B": "2"}, "version": "x"});
        let merged = merge(base, &json!({"env": {"B": null, "C": "3"}, "version": null}));
        assert_eq!(merged, json!({"replicas": 5, "env": {"A": "1", "C": "3"}}));
    }
}
