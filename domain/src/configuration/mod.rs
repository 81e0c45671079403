//! Configurations: which model versions, with which settings. Immutable once made (SAP-1).

mod autoscaling;
mod check;
mod invalid;
mod settings;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::canonical;
use crate::id::ModelRef;
use crate::model::CustomPackage;

pub use crate::runtime::Runtime;
pub use autoscaling::Autoscaling;
pub use invalid::InvalidConfiguration;
pub use settings::{Auth, Environment, Liveness, Python, Reconfigure, ReplicaCount, Resources, Routes, Sample};

/// A deployment's settings. A field that is not sent has its default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Configuration {
    /// The title, at most 128 characters. Default: the models' names.
    pub name: String,
    /// Model versions that are bound. The built-in runtime needs exactly one.
    pub models: Vec<ModelRef>,
    /// The runtime that runs them.
    pub runtime: Runtime,
    /// Names the code (RAY-2), at most 128 characters.
    pub version: Option<String>,
    /// Number of replicas. Default 1; none with `autoscaling`, which takes its place.
    pub replicas: Option<ReplicaCount>,
    /// Lets the number of replicas follow the requests (RAY-7). Default none.
    pub autoscaling: Option<Autoscaling>,
    /// The resources that one replica asks for.
    pub resources: Resources,
    /// Environment variables, at most 256.
    pub env: BTreeMap<String, String>,
    /// Any JSON, given to every replica (RAY-4).
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub user_config: Value,
    /// Program and arguments of the runtime `command`; `{port}`, `{model}` and `{env}` are filled in.
    pub command: Option<Vec<String>>,
    /// The environment that the program runs in.
    pub environment: Environment,
    /// The routes at which the model server answers.
    pub routes: Routes,
    /// Longest time until a replica begins to answer, in milliseconds; then 504. Default 60,000, 1 to 3,600,000.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 3600000))]
    pub scoring_timeout_ms: u32,
    /// Time in seconds that a replica which is taken away may finish its requests for; what is unfinished then
    /// is cut, a stream too. Default `null`: as long as `scoring_timeout_ms`. 1 to 86,400.
    pub drain_seconds: Option<u32>,
    /// Requests that one replica answers at a time. Default 1, 1 to 100,000.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100000))]
    pub max_concurrent_requests: u32,
    /// Longest wait for a free replica in milliseconds; then 503. Default 500, at most 600,000.
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 600000))]
    pub max_queue_ms: u32,
    /// The request that a replica is asked before it gets others: `from_signature`, `none`, or `{"body": …}`. Default
    /// `from_signature`.
    pub sample_request: Sample,
    /// The liveness check of a ready replica.
    pub liveness: Liveness,
    /// The way in which a running program is given a new `user_config`.
    pub reconfigure: Reconfigure,
    /// The callers that are let in.
    pub auth: Auth,
    /// Write a line for each request.
    pub request_log: bool,
    /// Keep what is asked and answered.
    pub data_collection: bool,
}

impl Default for Configuration {
    fn default() -> Self {
        Self {
            name: String::new(),
            models: Vec::new(),
            runtime: Runtime::Onnx,
            version: None,
            replicas: None,
            autoscaling: None,
            resources: Resources::default(),
            env: BTreeMap::new(),
            user_config: Value::Object(Map::new()),
            command: None,
            environment: Environment::default(),
            routes: Routes::default(),
            scoring_timeout_ms: 60_000,
            drain_seconds: None,
            max_concurrent_requests: 1,
            max_queue_ms: 500,
            sample_request: Sample::default(),
            liveness: Liveness::default(),
            reconfigure: Reconfigure::default(),
            auth: Auth::None,
            request_log: false,
            data_collection: false,
        }
    }
}

impl Configuration {
    /// The configuration as JSON with every default written out.
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

    /// True of a top-level field that is part of a replica's identity: replicas that differ in it are not alike, on every
    /// target.
    pub fn is_identity(&self, field: &str) -> bool {
        match field {
            "name"
            | "replicas"
            | "autoscaling"
            | "scoring_timeout_ms"
            | "drain_seconds"
            | "max_concurrent_requests"
            | "max_queue_ms"
            | "sample_request"
            | "liveness"
            | "reconfigure"
            | "request_log"
            | "data_collection"
            | "auth" => false,
            "user_config" => !self.reconfigures_in_place(),
            // `routes.health` tells a running host where to look, so the whole field goes with a restart.
            _ => true,
        }
    }

    /// Equal for configurations whose replicas are alike but for what they take while they run, so that none needs a
    /// restart (RAY-2). It covers exactly the fields that [`Configuration::is_identity`] names, so it is the same on
    /// every target.
    pub fn code_hash(&self) -> String {
        canonical::hash(&self.identity())
    }

    /// True when the code hashes are equal, without making them.
    pub fn has_same_code(&self, other: &Self) -> bool {
        // Those that differ mostly differ in these.
        let likely = self.runtime == other.runtime && self.models == other.models && self.version == other.version;
        likely && canonical::text(&self.identity()) == canonical::text(&other.identity())
    }

    /// The fields that are part of what a replica is.
    fn identity(&self) -> Value {
        let mut value = self.to_value();
        if let Value::Object(fields) = &mut value {
            fields.retain(|field, _| self.is_identity(field));
        }
        value
    }

    /// True when running replicas take a new `user_config` (RAY-4).
    pub fn reconfigures_in_place(&self) -> bool {
        match self.runtime {
            Runtime::Onnx => true,
            Runtime::Command => self.routes.reconfigure.is_some(),
            Runtime::Mlflow | Runtime::Trees | Runtime::Custom | Runtime::External => false,
        }
    }

    /// True when a replica gets no requests while it takes a new `user_config`. The built-in runtime swaps it between two
    /// requests; a program may be busy with it for a while.
    pub fn reconfigures_off_the_route(&self) -> bool {
        self.runtime == Runtime::Command && self.reconfigures_in_place() && !self.reconfigure.takes_requests
    }

    /// The routes at which replicas answer: as configured, or as the runtime or the custom package says, for routes that were left
    /// at their defaults.
    pub fn serving_routes(&self, custom: Option<&CustomPackage>) -> Routes {
        let standard = Routes::default();
        let (predict, health) = match self.runtime {
            Runtime::Onnx | Runtime::Trees | Runtime::Command | Runtime::External => return self.routes.clone(),
            Runtime::Mlflow => ("/invocations".to_owned(), "/ping".to_owned()),
            Runtime::Custom => {
                let said = |route: fn(&CustomPackage) -> &Option<String>, standard: &String| {
                    custom.and_then(|custom| route(custom).clone()).unwrap_or_else(|| standard.clone())
                };
                (said(|c| &c.predict, &standard.predict), said(|c| &c.health, &standard.health))
            }
        };
        Routes {
            predict: if self.routes.predict == standard.predict { predict } else { self.routes.predict.clone() },
            health: if self.routes.health == standard.health { health } else { self.routes.health.clone() },
            reconfigure: self.routes.reconfigure.clone(),
        }
    }

    /// Time in milliseconds that a replica which is taken away may finish its requests for.
    pub fn drain_limit_ms(&self) -> u32 {
        self.drain_seconds.map_or(self.scoring_timeout_ms, |seconds| seconds.saturating_mul(1_000))
    }

    /// The desired number of replicas when autoscaling, where there is any, has come to `scale`.
    pub fn desired(&self, scale: Option<u32>) -> u32 {
        match (&self.autoscaling, self.replicas) {
            (Some(autoscaling), _) => autoscaling.clamp(scale.unwrap_or(autoscaling.min_replicas)),
            (None, Some(replicas)) => replicas.get(),
            (None, None) => 1,
        }
    }

    /// The number of replicas, in a few words: `5`, or `1 to 10`.
    pub fn scale_words(&self) -> String {
        match &self.autoscaling {
            Some(automatic) => format!("{} to {}", automatic.min_replicas, automatic.max_replicas),
            None => self.desired(None).to_string(),
        }
    }
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

    fn count(n: u32) -> Option<ReplicaCount> {
        Some(ReplicaCount(n))
    }

    fn read(value: Value) -> Result<Configuration, String> {
        let configuration: Configuration = crate::strict::deserialize(value).map_err(|e| e.to_string())?;
        configuration.checked().map_err(|e| e.to_string())
    }

    #[test]
    fn defaults_are_those_of_the_contract() {
        let configuration = read(json!({"models": ["iris@1"]})).unwrap();
        let value = configuration.to_value();
        assert_eq!(value["name"], "iris@1");
        assert_eq!(value["replicas"], 1);
        assert_eq!(
            value["resources"],
            json!({"cpu": 0.1, "memory_gb": 0.5, "gpu": 0.0, "cpu_limit": null, "memory_gb_limit": null})
        );
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
            (json!({"models": ["iris@1"], "resources": {"gpu": 65}}), "gpu"),
            (json!({"models": ["iris@1"], "resources": {"cpu": 2, "cpu_limit": 1}}), "cpu_limit"),
            (json!({"models": ["iris@1"], "resources": {"memory_gb_limit": 0.1}}), "memory_gb_limit"),
            (json!({"models": ["iris@1"], "replicas": 2, "autoscaling": {}}), "autoscaling"),
            (json!({"models": ["iris@1"], "autoscaling": {"min_replicas": 3, "max_replicas": 2}}), "min_replicas"),
            (json!({"models": ["iris@1"], "autoscaling": {"target_percent": 0}}), "target_percent"),
            (json!({"models": ["iris@1"], "routes": {"reconfigure": "/x"}}), "routes.reconfigure"),
            (json!({"models": ["iris@1"], "user_config": {"threshold": 2}}), "threshold"),
            (json!({"models": ["iris@1"], "environment": {"python": {}}}), "environment"),
            (json!({"models": ["iris@1"], "resources": {"cpu": 0}}), "cpu"),
            (json!({"models": ["iris@1"], "sample_request": "some"}), "from_signature"),
            (json!({"models": ["iris@1"], "sample_request": {"body": "x".repeat(70_000)}}), "sample_request"),
            (json!({"runtime": "command", "command": ["x"], "sample_request": {"body": 1}}), "sample_request"),
            (json!({"models": ["iris@1"], "runtime": "external", "sample_request": {"body": 1}}), "sample_request"),
            (json!({"models": ["iris@1"], "routes": {"health": "up"}}), "routes.health"),
            (json!({"models": ["iris@1"], "liveness": {"period": 1}}), "period"),
            (json!({"models": ["iris@1"], "drain_seconds": 0}), "drain_seconds"),
            (json!({"models": ["iris@1"], "reconfigure": {"timeout_seconds": 0}}), "reconfigure.timeout_seconds"),
            (json!({"models": ["iris@1"], "reconfigure": {"attempts": 101}}), "reconfigure.attempts"),
            (json!({"models": ["iris@1"], "drain_seconds": 86_401}), "drain_seconds"),
        ] {
            let error = read(given.clone()).unwrap_err();
            assert!(error.contains(word), "{given}: {error}");
        }
    }

    #[test]
    fn a_drain_takes_as_long_as_an_answer_may_unless_it_is_said() {
        let of = |more: Value| read(merge(json!({"models": ["iris@1"], "scoring_timeout_ms": 4_500}), &more)).unwrap();
        assert_eq!(of(json!({})).drain_limit_ms(), 4_500);
        assert_eq!(of(json!({"drain_seconds": 30})).drain_limit_ms(), 30_000);
        assert_eq!(of(json!({"drain_seconds": 30})).code_hash(), of(json!({})).code_hash(), "nothing restarts");
    }

    #[test]
    fn the_name_is_no_content_and_only_code_needs_a_restart() {
        let base = read(json!({"models": ["iris@1"]})).unwrap();
        let renamed = Configuration { name: "other".to_owned(), ..base.clone() };
        assert_eq!(base.content_hash(), renamed.content_hash());
        let scaled = Configuration { replicas: count(5), ..base.clone() };
        assert_ne!(base.content_hash(), scaled.content_hash());
        assert_eq!(base.code_hash(), scaled.code_hash());
        let other = read(json!({"models": ["iris@2"]})).unwrap();
        assert_ne!(base.code_hash(), other.code_hash());
        let told = read(json!({"models": ["iris@1"], "user_config": {"threshold": 0.3}})).unwrap();
        assert_eq!(base.code_hash(), told.code_hash());
        let set = read(json!({"models": ["iris@1"], "env": {"A": "1"}})).unwrap();
        for one in [&base, &renamed, &scaled, &other, &told, &set] {
            assert_eq!(one.has_same_code(&base), one.code_hash() == base.code_hash(), "{one:?}");
        }
    }

    #[test]
    fn a_command_without_a_reconfigure_route_is_restarted_for_a_new_user_config() {
        let of = |routes: Value, user_config: Value| {
            read(json!({"runtime": "command", "command": ["x"], "routes": routes, "user_config": user_config})).unwrap()
        };
        let without = [of(json!({}), json!(1)), of(json!({}), json!(2))];
        assert_ne!(without[0].code_hash(), without[1].code_hash());
        let route = json!({"reconfigure": "/reconfigure"});
        let with = [of(route.clone(), json!(1)), of(route, json!(2))];
        assert_eq!(with[0].code_hash(), with[1].code_hash());
    }

    #[test]
    fn what_is_not_sent_stays_and_null_goes_back_to_the_default() {
        let base = json!({"replicas": 5, "env": {"A": "1", "B": "2"}, "version": "x"});
        let merged = merge(base, &json!({"env": {"B": null, "C": "3"}, "version": null}));
        assert_eq!(merged, json!({"replicas": 5, "env": {"A": "1", "C": "3"}}));
    }
}
