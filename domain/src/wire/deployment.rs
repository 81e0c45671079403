//! Deployments: making, changing and reading them, with their recent requests and output.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::asking::{Apply, BreakGlass};
use super::{FirstConfiguration, ReplicaCounts, ReplicaLoad, ReplicaView, RevisionView, RolloutInBrief, UseCaseName};
use crate::access::{DefaultAccess, Role};
use crate::action::Action;
use crate::compat::CheckRules;
use crate::condition::Condition;
use crate::deployment::{Importance, LastOperation, OnFailure, OperationKind, Status, TargetStatus};
use crate::id::{
    Actor, ConfigurationId, DeploymentId, DeploymentName, Generation, ModelRef, ReplicaId, RevisionNumber,
    RolloutNumber, TargetName, UseCaseId,
};
use crate::strategy::{Strategy, StrategyChange};

/// Makes a deployment with its first configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateDeployment {
    /// What it is called, and the first segment of its inference URL.
    pub name: DeploymentName,
    /// The target that its replicas run on.
    #[serde(default)]
    pub target: TargetName,
    /// Its importance.
    #[serde(default)]
    pub importance: Importance,
    /// `10m`, `24h`, `7d`: when it is removed by itself (SAP-8).
    #[serde(default)]
    pub ttl: Option<String>,
    /// The failure mode of a rollout (CO-3).
    #[serde(default)]
    pub on_failure: OnFailure,
    /// Its first configuration: a new one, or the id of one that was made without a deployment.
    pub configuration: FirstConfiguration,
    /// The strategy of its rollouts unless they say otherwise.
    #[serde(default)]
    pub strategy: Strategy,
    /// Its purpose, at most 2,000 characters.
    #[serde(default)]
    pub description: String,
    /// Words to find it by, at most 64.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Facts about it, at most 64.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
    /// The rules that a candidate has to pass beside the signature's.
    #[serde(default)]
    pub checks: CheckRules,
    /// The role that everyone has on it, until its access is changed (DR-8).
    #[serde(default)]
    pub default_access: DefaultAccess,
    /// When it is carried out (DR-5).
    #[serde(default)]
    pub apply: Apply,
    /// Do it although policies or freezes forbid it.
    #[serde(default)]
    pub break_glass: Option<BreakGlass>,
}

/// Changes what no rollout is needed for. A field that is not sent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PatchDeployment {
    /// Its importance.
    pub importance: Option<Importance>,
    /// The failure mode of a rollout (CO-3).
    pub on_failure: Option<OnFailure>,
    /// The strategy of its rollouts unless they say otherwise; a field that is not sent stays.
    pub strategy: Option<StrategyChange>,
    /// Its purpose.
    pub description: Option<String>,
    /// Words to find it by; these replace all there were (AZ-3).
    pub tags: Option<BTreeMap<String, String>>,
    /// Facts about it; these are added to those there are (AZ-3).
    pub properties: Option<BTreeMap<String, String>>,
    /// The rules that a candidate has to pass beside the signature's; they replace all there were.
    pub checks: Option<CheckRules>,
    /// When it is carried out (DR-5).
    #[serde(skip_serializing_if = "Apply::is_now")]
    pub apply: Apply,
    /// Do it although policies or freezes forbid it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<BreakGlass>,
}

/// Asks for a deployment to be deactivated, activated or relaunched (DR-12).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Operate {
    /// Why, at most 2,000 characters.
    pub note: Option<String>,
    /// The strategy; a field that is not sent is the deployment's.
    pub strategy: StrategyChange,
    /// Go ahead although a replica has to be taken away for want of room.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub accept_warnings: bool,
    /// When it is carried out (DR-5).
    #[serde(skip_serializing_if = "Apply::is_now")]
    pub apply: Apply,
    /// Do it although policies or freezes forbid it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<BreakGlass>,
}

/// Asks for a deployment to be removed. Everything may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeleteDeployment {
    /// Why, at most 2,000 characters.
    pub note: Option<String>,
    /// When it is carried out (DR-5).
    pub apply: Apply,
    /// Do it although policies or freezes forbid it.
    pub break_glass: Option<BreakGlass>,
}

/// The operation in progress on a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OperationView {
    /// `create`, `update`, `delete`, `deactivate`, `activate` or `relaunch`.
    pub operation: OperationKind,
    /// The person who started it.
    pub actor: Actor,
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub since: Timestamp,
    /// The rollout that does it.
    pub rollout: Option<RolloutNumber>,
}

/// The requests of the last minutes, from the gateway's count.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Traffic {
    /// Requests in a second, over the last ten seconds.
    pub requests_per_second: f64,
    /// Share that failed, 0 to 1, over the last minute; `null` without requests.
    pub error_share: Option<f64>,
    /// 95 of 100 requests took at most this many milliseconds, over the last minute; `null` without requests.
    pub p95_ms: Option<f64>,
    /// Requests in each of the last 60 minutes, oldest first.
    pub spark: Vec<u64>,
    /// Its replicas, where somebody asks for them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub replicas: BTreeMap<ReplicaId, ReplicaLoad>,
}

/// Something that can be done with a deployment, and whether the caller may do it now (DR-9).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActionView {
    /// Its name.
    pub action: Action,
    /// A request for it is not refused because of how the deployment is now; it may still be refused for what it asks.
    pub allowed: bool,
    /// The reason in a sentence, when it is not allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// A deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeploymentView {
    /// Names it for good.
    pub id: DeploymentId,
    /// Its name.
    pub name: DeploymentName,
    /// The inference URL; it never changes (SAP-5).
    pub url: String,
    /// The target that its replicas run on.
    pub target: TargetName,
    /// Its importance.
    pub importance: Importance,
    /// The failure mode of its rollouts.
    pub on_failure: OnFailure,
    /// The strategy of its rollouts unless they say otherwise.
    #[serde(default)]
    pub strategy: Strategy,
    /// Its purpose.
    #[serde(default)]
    pub description: String,
    /// Words to find it by.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Facts about it.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
    /// The rules that a candidate has to pass beside the signature's.
    #[serde(default)]
    pub checks: CheckRules,
    /// The use cases that it is linked to (DR-14).
    #[serde(default)]
    pub use_cases: Vec<UseCaseName>,
    /// The title of its application, if it has one (DR-15).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// When it is removed by itself.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub expires_at: Option<Timestamp>,
    /// Its status.
    pub status: Status,
    /// The status that it is meant to reach.
    pub target_status: TargetStatus,
    /// The one condition that it is in, and why; none that a consumer is shown.
    #[serde(default)]
    pub condition: Option<Condition>,
    /// The operation that was last asked of it.
    pub last_operation: LastOperation,
    /// The operation in progress (AZ-4).
    pub operation: Option<OperationView>,
    /// The caller's role on it. A consumer is shown name, URL and status; the rest has no content then.
    #[serde(default)]
    pub role: Option<Role>,
    /// Everything that can be done with it, in the order in which a menu shows it.
    #[serde(default)]
    pub actions: Vec<ActionView>,
    /// The configuration in use.
    pub configuration: ConfigurationId,
    /// That configuration's name.
    pub configuration_name: String,
    /// Model versions that it binds.
    pub models: Vec<ModelRef>,
    /// The revision in use; while a rollout is in progress, the one it leads to.
    pub revision: RevisionNumber,
    /// The last configuration that reached `running` (SAP-6).
    pub last_running_configuration: Option<ConfigurationId>,
    /// Counts every change of the intent; also its `ETag`.
    pub generation: Generation,
    /// Its replicas by state.
    pub replicas: ReplicaCounts,
    /// The rollout in progress.
    pub rollout: Option<RolloutNumber>,
    /// The newest rollout, while it is in progress or if it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest_rollout: Option<RolloutInBrief>,
    /// Newer versions of the models that it binds (AZ-1).
    pub newer_model_versions: Vec<ModelRef>,
    /// The problem, a sentence for people.
    pub error: Option<String>,
    /// When it was made.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// The person who made it.
    pub created_by: Actor,
    /// Its recent requests.
    pub traffic: Traffic,
    /// With `?include=replicas`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replica_list: Option<Vec<ReplicaView>>,
    /// With `?include=revisions`, newest first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision_list: Option<Vec<RevisionView>>,
}

impl DeploymentView {
    /// The ids of the use cases that it is linked to.
    pub fn use_case_ids(&self) -> BTreeSet<UseCaseId> {
        self.use_cases.iter().map(|use_case| use_case.id.clone()).collect()
    }

    /// The same without its requests and without what its replicas do at this moment: it changes with entries about it alone,
    /// and with time ([`ConditionWord::is_moved_by_time`](crate::condition::ConditionWord::is_moved_by_time)).
    #[must_use]
    pub fn at_rest(&self) -> Self {
        let mut rest = Self { traffic: Traffic::default(), ..self.clone() };
        rest.replica_list.iter_mut().flatten().for_each(|replica| replica.in_flight = 0);
        rest
    }

    /// The same as a consumer is shown it: name, URL, status and application, and what they may do (DR-7). The rest is empty, zero, or
    /// says that it is hidden.
    #[must_use]
    pub fn for_consumers(self) -> Self {
        let hidden = |_| self.created_by.clone();
        let nobody: Actor = HIDDEN.parse().unwrap_or_else(hidden);
        let at = Timestamp::UNIX_EPOCH;
        Self {
            importance: Importance::default(),
            on_failure: OnFailure::default(),
            strategy: Strategy::default(),
            description: String::new(),
            tags: BTreeMap::new(),
            properties: BTreeMap::new(),
            checks: CheckRules::default(),
            use_cases: Vec::new(),
            expires_at: None,
            target: HIDDEN.parse().unwrap_or_default(),
            last_operation: LastOperation {
                kind: OperationKind::Create,
                at,
                actor: nobody.clone(),
                rolled_back_to: None,
            },
            condition: None,
            operation: None,
            configuration: HIDDEN.parse().unwrap_or(self.configuration),
            configuration_name: HIDDEN.to_owned(),
            models: Vec::new(),
            last_running_configuration: None,
            generation: Generation(0),
            revision: RevisionNumber(0),
            replicas: ReplicaCounts::default(),
            rollout: None,
            newest_rollout: None,
            newer_model_versions: Vec::new(),
            error: None,
            created_at: at,
            created_by: nobody,
            traffic: Traffic::default(),
            replica_list: None,
            revision_list: None,
            ..self
        }
    }
}

/// The text in place of one that the caller is not shown.
const HIDDEN: &str = "hidden";
