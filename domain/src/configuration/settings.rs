//! The parts of a configuration, each with its defaults.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::strategy::MAX_REPLICAS;

/// A number of replicas: 1 to [`MAX_REPLICAS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct ReplicaCount(pub(super) u32);

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

/// The resources that one replica asks for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Resources {
    /// Cores; the built-in runtime computes with this many threads, rounded up. Default 0.1, above 0 to 1,024.
    pub cpu: f64,
    /// Memory in gigabytes. Default 0.5, above 0 to 4,096.
    pub memory_gb: f64,
    /// GPUs, fractions allowed. Default 0, at most 64.
    pub gpu: f64,
    /// The most cores it may use, at least `cpu`; enforced where the machine permits. Default none.
    pub cpu_limit: Option<f64>,
    /// The most memory it may use in gigabytes, at least `memory_gb`; a replica that asks for more is refused it. Default none.
    pub memory_gb_limit: Option<f64>,
}

impl Default for Resources {
    fn default() -> Self {
        Self { cpu: 0.1, memory_gb: 0.5, gpu: 0.0, cpu_limit: None, memory_gb_limit: None }
    }
}

/// The routes at which the model server answers; the built-in runtime has those of the Open Inference Protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Routes {
    /// The route of predictions, below the inference URL. Default `/v2/models/{model}/infer`.
    pub predict: String,
    /// Answers 200 while the replica is ready (VX-4). Default `/v2/health/ready`.
    pub health: String,
    /// Takes a new `user_config` with POST while the program of the runtime `command` runs (RAY-4). Without it, a new
    /// `user_config` means a rolling restart. The built-in runtime needs none.
    pub reconfigure: Option<String>,
}

impl Default for Routes {
    fn default() -> Self {
        Self {
            predict: "/v2/models/{model}/infer".to_owned(),
            health: "/v2/health/ready".to_owned(),
            reconfigure: None,
        }
    }
}

/// The request that a replica is sent before it gets others. The replica is ready once it answers; where a person gives
/// the request, the status of the answer must be from 200 to 299.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Sample {
    /// A request made from what the model's signature says; nothing where it does not say enough.
    #[default]
    FromSignature,
    /// Nothing.
    None,
    /// This JSON, sent to the predict route.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    Body(Value),
}

/// The liveness check of a ready replica (AZ-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Liveness {
    /// Seconds between two looks at the health route. Default 10, 1 to 3,600.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 3600))]
    pub period_seconds: u32,
    /// Seconds after the start during which failing looks are not counted. Default 310, at most 86,400.
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 86400))]
    pub initial_delay_seconds: u32,
    /// Seconds after which one look has failed. Default 2, 1 to 600.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 600))]
    pub timeout_seconds: u32,
    /// Looks that must succeed in a row. Default 1, 1 to 100.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100))]
    pub success_threshold: u32,
    /// Looks that must fail in a row. Default 3, 1 to 100.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100))]
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

/// The way in which a running program is given a new `user_config` on `routes.reconfigure`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reconfigure {
    /// Seconds that it may take to answer. Default 60, 1 to 3,600.
    pub timeout_seconds: u32,
    /// Number of times that it may fail to take it before its replica is replaced by a fresh one. Default 3, 1 to 100.
    pub attempts: u32,
    /// It answers requests meanwhile. Default false: it finishes those that it has and gets no new ones until it has taken
    /// the new `user_config`.
    pub takes_requests: bool,
}

impl Default for Reconfigure {
    fn default() -> Self {
        Self { timeout_seconds: 60, attempts: 3, takes_requests: false }
    }
}

words! {
    /// The callers that may use the inference URL.
    #[derive(Default)]
    pub enum Auth {
        /// Everyone who reaches the gateway.
        #[default]
        None = "none",
        /// Callers that show one of the deployment's two keys.
        Key = "key",
        /// Callers that show a token which was given out for the deployment and has not expired.
        Token = "token",
    }
}

/// The environment that a replica runs in (RAY-6).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Environment {
    /// A Python environment, built once for each set of requirements.
    pub python: Option<Python>,
    /// Folder that the program starts in; an absolute path. Default: one of the replica's own.
    pub working_directory: Option<String>,
}

/// A Python environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Python {
    /// The packages that are installed, each as in a requirements file: `numpy==2.1.0`. At most 256.
    pub requirements: Vec<String>,
}
