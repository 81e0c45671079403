//! Compatibility: comparing two models, and checking a candidate beside its deployment.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::compat::{CheckStep, Report, Trial};
use crate::configuration::Configuration;
use crate::id::{Actor, CheckId, ConfigurationId, DeploymentName, ModelRef};

/// Asks whether one model version may replace another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CompareModels {
    /// The model in use; may be left out when `deployment` is named.
    #[serde(default)]
    pub current: Option<ModelRef>,
    /// The model that would replace it.
    pub candidate: ModelRef,
    /// The deployment whose demands count too.
    #[serde(default)]
    pub deployment: Option<DeploymentName>,
}

/// Asks for a candidate to be tried in a scratch replica beside the deployment: the configuration that an update with
/// the same fields would roll out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StartCheck {
    /// An existing configuration of this deployment.
    pub configuration: Option<ConfigurationId>,
    /// Changes on top of the configuration in use, or of `configuration` (JSON merge patch).
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub set: Option<Value>,
}

/// A check of a candidate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckView {
    /// Which one.
    pub id: CheckId,
    /// The configuration that would be rolled out.
    pub configuration: Configuration,
    /// The step that it has come to.
    pub step: CheckStep,
    /// The person who asked for it.
    pub actor: Actor,
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub started_at: Timestamp,
    /// When it ended.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub ended_at: Option<Timestamp>,
    /// The findings of the scratch replica; `null` until it has ended.
    pub trial: Option<Trial>,
    /// The compatibility report; until it has ended, without the findings of a scratch replica.
    pub report: Report,
}
