//! The types that travel: requests, views, and the closed list of error codes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::configuration::Configuration;
use crate::deployment::{Importance, OnFailure, OperationKind, Reason, Status, TargetKind, TargetStatus};
use crate::diff::Difference;
pub use crate::event::{Counts, Receipt};
use crate::id::{
    Actor, ConfigurationId, DeploymentId, DeploymentName, Generation, ModelName, ModelRef, ModelVersion, ReplicaId,
    RevisionNumber, RolloutNumber, Seq,
};
use crate::model::{PackageKind, RegisteredModel};
use crate::observed::ReplicaState;
use crate::rehearsal::Rehearsal;
use crate::rollout::PhaseWord;
use crate::strategy::Strategy;

/// Why a request was refused, in one word of a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[allow(missing_docs)] // The words say it; `ErrorCode::title` writes them out.
pub enum ErrorCode {
    Unauthenticated,
    ForeignHost,
    ForeignOrigin,
    NotFound,
    MethodNotAllowed,
    MalformedRequest,
    UnknownField,
    InvalidField,
    BodyTooLarge,
    UnsupportedMediaType,
    NameTaken,
    ConfigurationInUse,
    NothingToChange,
    StatusForbidsUpdate,
    OperationInProgress,
    NoRollout,
    RolloutForbids,
    NoEarlierRevision,
    UnknownModel,
    UnknownConfiguration,
    PackageUnreadable,
    PackageTooLarge,
    PreconditionFailed,
    IdempotencyKeyReused,
    TooManyStreams,
    StorageFull,
    Internal,
}

impl ErrorCode {
    /// HTTP status that goes with it.
    pub fn status(self) -> u16 {
        match self {
            Self::MalformedRequest => 400,
            Self::Unauthenticated => 401,
            Self::ForeignHost | Self::ForeignOrigin => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::NameTaken
            | Self::StatusForbidsUpdate
            | Self::OperationInProgress
            | Self::NoRollout
            | Self::RolloutForbids => 409,
            Self::PreconditionFailed => 412,
            Self::BodyTooLarge | Self::PackageTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::UnknownField
            | Self::InvalidField
            | Self::ConfigurationInUse
            | Self::NothingToChange
            | Self::NoEarlierRevision
            | Self::UnknownModel
            | Self::UnknownConfiguration
            | Self::PackageUnreadable
            | Self::IdempotencyKeyReused => 422,
            Self::Internal => 500,
            Self::TooManyStreams => 503,
            Self::StorageFull => 507,
        }
    }

    /// A few words for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Unauthenticated => "A token is needed",
            Self::ForeignHost => "This host name is not served here",
            Self::ForeignOrigin => "Requests from other sites are refused",
            Self::NotFound => "There is no such thing",
            Self::MethodNotAllowed => "This cannot be done here",
            Self::MalformedRequest => "The request cannot be read",
            Self::UnknownField => "There is a field that nobody knows",
            Self::InvalidField => "A field has a value that cannot be used",
            Self::BodyTooLarge => "The request is too large",
            Self::UnsupportedMediaType => "The body is of the wrong type",
            Self::NameTaken => "The name is taken",
            Self::ConfigurationInUse => "This configuration is in use",
            Self::NothingToChange => "Nothing to change was sent",
            Self::StatusForbidsUpdate => "The status forbids an update",
            Self::OperationInProgress => "Another operation is in progress",
            Self::NoRollout => "No rollout is in progress",
            Self::RolloutForbids => "The rollout is in a phase that forbids this",
            Self::NoEarlierRevision => "There is no earlier revision to go back to",
            Self::UnknownModel => "There is no such model version",
            Self::UnknownConfiguration => "There is no such configuration",
            Self::PackageUnreadable => "The model file cannot be read",
            Self::PackageTooLarge => "The model file is too large",
            Self::PreconditionFailed => "It was changed in the meantime",
            Self::IdempotencyKeyReused => "The idempotency key was used for something else",
            Self::TooManyStreams => "Too many clients are listening",
            Self::StorageFull => "The disk is full",
            Self::Internal => "Something went wrong here",
        }
    }
}

/// A problem response (RFC 9457).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Names the kind of problem: `urn:changeover:problem:CODE`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in a few words.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What happened, why, and what to do.
    pub detail: String,
    /// The kind in one word.
    pub code: ErrorCode,
    /// What the code needs besides: `operation`, `actor`, `since`, `field`, …
    #[serde(flatten)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub more: BTreeMap<String, Value>,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// What is on this page.
    pub items: Vec<T>,
    /// Send it as `cursor` to get the next page; `null` on the last one.
    pub next_cursor: Option<String>,
}

/// Says which version a file becomes: the part `meta` of a registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegisterModel {
    /// The model; its version is one more than the last.
    pub name: ModelName,
    /// Free words to find it by.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Facts that are only ever added.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
    /// A sentence for people.
    #[serde(default)]
    pub description: String,
}

/// A model with its versions, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelView {
    /// The model.
    pub name: ModelName,
    /// Kind of the newest version.
    pub kind: PackageKind,
    /// The newest version.
    pub latest_version: ModelVersion,
    /// Its versions, newest first.
    pub versions: Vec<ModelVersionView>,
}

/// One version of a model, and where it is in use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelVersionView {
    /// What was registered.
    #[serde(flatten)]
    pub model: RegisteredModel,
    /// Deployments whose configuration in use binds it.
    pub in_use_by: Vec<DeploymentName>,
}

/// Makes a deployment with its first configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateDeployment {
    /// What it is called, and the first segment of its inference URL.
    pub name: DeploymentName,
    /// Where its replicas run.
    #[serde(default)]
    pub target: TargetKind,
    /// How much depends on it.
    #[serde(default)]
    pub importance: Importance,
    /// `10m`, `24h`, `7d`: when it is removed by itself (SAP-8).
    #[serde(default)]
    pub ttl: Option<String>,
    /// What a failed rollout does (CO-3).
    #[serde(default)]
    pub on_failure: OnFailure,
    /// Its first configuration.
    pub configuration: Configuration,
    /// How its first rollout moves.
    #[serde(default)]
    pub strategy: Strategy,
}

/// Changes what no rollout is needed for. A field that is not sent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PatchDeployment {
    /// How much depends on it.
    pub importance: Option<Importance>,
}

/// When a rollout is to begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Apply {
    /// At once.
    #[default]
    Now,
}

/// Asks for a rollout: to a configuration, or to the one in use with changes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StartRollout {
    /// An existing configuration of this deployment.
    pub configuration: Option<ConfigurationId>,
    /// Changes on top of the configuration in use, or of `configuration` (JSON merge patch).
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub set: Option<Value>,
    /// How it moves.
    pub strategy: Strategy,
    /// Why (DR-1).
    pub reason: Option<Reason>,
    /// A sentence about why, at most 2,000 characters.
    pub note: Option<String>,
    /// The rollout in progress that this one takes over from (VX-5, VX-6).
    pub on_top_of: Option<RolloutNumber>,
    /// When it begins.
    pub apply: Apply,
    /// Go ahead although the compatibility report warns.
    pub accept_warnings: bool,
    /// Answer with the rehearsal and change nothing.
    pub dry_run: bool,
}

/// Asks for a rollout to an earlier configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rollback {
    /// The revision whose configuration to go back to; `null`: the last good one before the one in use.
    pub to: Option<RevisionNumber>,
    /// The rollout in progress that this one takes over from.
    pub on_top_of: Option<RolloutNumber>,
    /// Why (DR-1).
    pub reason: Option<Reason>,
    /// A sentence about why, at most 2,000 characters.
    pub note: Option<String>,
    /// How it moves.
    pub strategy: Strategy,
}

/// What would happen, without anything happening.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RehearseView {
    /// The configuration that would be in use.
    pub configuration: Configuration,
    /// Equal content is in use already, so nothing would change (RAY-1).
    pub unchanged: bool,
    /// What differs from the one in use, and what each difference costs.
    pub diff: Vec<Difference>,
    /// The rollout, played to the end.
    pub plan: Rehearsal,
    /// Hash of configuration and plan.
    pub plan_hash: String,
    /// The compatibility report; `null` while models are not compared.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub compatibility: Option<Value>,
}

/// What was last asked of a deployment, when and by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LastOperation {
    /// What.
    pub kind: OperationKind,
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
}

/// Replicas counted by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplicaCounts {
    /// Wanted.
    pub desired: u32,
    /// Taking requests.
    pub ready: u32,
    /// Not ready yet.
    pub starting: u32,
    /// Finishing their last requests, or ending.
    pub draining: u32,
    /// Failing their health route, ended by themselves, or not seen.
    pub unready: u32,
}

/// One replica.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplicaView {
    /// Which one.
    pub id: ReplicaId,
    /// What it runs.
    pub revision: RevisionNumber,
    /// How it is.
    pub state: ReplicaState,
    /// Its process.
    pub pid: Option<u32>,
    /// When its process was last started.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub started_at: Timestamp,
    /// How often it was started again.
    pub restarts: u32,
    /// Requests that it is answering.
    pub in_flight: u32,
    /// The last thing that went wrong with it.
    pub problem: Option<String>,
}

/// What became of a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RevisionState {
    /// It is being rolled out.
    Deploying,
    /// It is the one in use.
    InUse,
    /// It was in use.
    Past,
    /// It never came into use: its rollout failed, was cancelled or was superseded.
    Failed,
}

/// Why and since when a revision is known to be bad (CO-6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Quarantine {
    /// Why.
    pub reason: String,
    /// Since when.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
}

/// One revision of a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RevisionView {
    /// Which one.
    pub number: RevisionNumber,
    /// What it was given.
    pub configuration: ConfigurationId,
    /// That configuration's name.
    pub configuration_name: String,
    /// Model versions that it binds.
    pub models: Vec<ModelRef>,
    /// What became of it.
    pub state: RevisionState,
    /// Known to be bad.
    pub quarantined: Option<Quarantine>,
    /// When it was made.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// Why it was made.
    pub reason: Option<Reason>,
    /// Who made it.
    pub actor: Actor,
}

/// One step of a rollout, as taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StepView {
    /// `start`, `restart`, `relabel`, `drain`, `stop`, `forget` or `wait`; `pause`, `resume`, … for what a person did.
    pub kind: String,
    /// Why.
    pub reason: String,
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// The replica that it is about.
    pub replica: Option<ReplicaId>,
}

/// A rollout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RolloutView {
    /// Which one.
    pub number: RolloutNumber,
    /// The revision before, which it goes back to when it fails.
    pub from_revision: Option<RevisionNumber>,
    /// The revision that it leads to.
    pub to_revision: RevisionNumber,
    /// Where it stands.
    pub phase: PhaseWord,
    /// How it moves.
    pub strategy: Strategy,
    /// Why.
    pub reason: Option<Reason>,
    /// A sentence about why.
    pub note: Option<String>,
    /// Who asked for it.
    pub actor: Actor,
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub started_at: Timestamp,
    /// When it ended.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub ended_at: Option<Timestamp>,
    /// When it fails if nothing gets better; `null` while it is paused and when it is over.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub deadline_at: Option<Timestamp>,
    /// What went wrong.
    pub error: Option<String>,
    /// The steps taken, oldest first; at most the newest 500.
    pub steps: Vec<StepView>,
    /// Hash of configuration and plan.
    pub plan_hash: String,
    /// The gateway's count, so far or for good.
    pub receipt: Receipt,
}

/// What is in progress on a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OperationView {
    /// `create`, `update` or `delete`.
    pub operation: OperationKind,
    /// Who started it.
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
}

/// One second of a deployment's requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MetricsPoint {
    /// Seconds since 1970 at which it ends.
    pub at: i64,
    /// Requests that ended.
    pub requests: u64,
    /// Those of them that failed.
    pub failed: u64,
    /// Half of them took at most this many milliseconds.
    pub p50_ms: Option<f64>,
    /// 95 of 100 took at most this many milliseconds.
    pub p95_ms: Option<f64>,
}

/// A deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeploymentView {
    /// Names it for good.
    pub id: DeploymentId,
    /// What it is called.
    pub name: DeploymentName,
    /// The inference URL; it never changes (SAP-5).
    pub url: String,
    /// Where its replicas run.
    pub target: TargetKind,
    /// How much depends on it.
    pub importance: Importance,
    /// What a failed rollout does.
    pub on_failure: OnFailure,
    /// When it is removed by itself.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub expires_at: Option<Timestamp>,
    /// How it is.
    pub status: Status,
    /// What it is meant to become.
    pub target_status: TargetStatus,
    /// What was last asked of it.
    pub last_operation: LastOperation,
    /// The operation in progress (AZ-4).
    pub operation: Option<OperationView>,
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
    /// Newer versions of the models that it binds (AZ-1).
    pub newer_model_versions: Vec<ModelRef>,
    /// What is wrong.
    pub error: Option<String>,
    /// When it was made.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// Who made it.
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

/// A configuration with what it belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConfigurationView {
    /// Which one.
    pub id: ConfigurationId,
    /// Its settings, with every default written out.
    #[serde(flatten)]
    pub configuration: Configuration,
    /// Whether it is the one in use.
    pub in_use: bool,
    /// Revisions that were given it, newest first.
    pub revisions: Vec<RevisionNumber>,
    /// Equal for configurations that ask for the same thing.
    pub content_hash: String,
    /// When it was made.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: Actor,
}

/// What differs between two configurations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DiffView {
    /// The one it is compared with.
    pub against: ConfigurationId,
    /// The fields that differ.
    pub differences: Vec<Difference>,
}

/// One entry of the history. Events over the subscription have the same form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryEntry {
    /// Its place in the journal.
    pub seq: Seq,
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// The deployment that it is about.
    pub deployment: Option<DeploymentId>,
    /// What happened, in one word.
    pub kind: String,
    /// What happened, in a sentence.
    pub summary: String,
    /// All that is recorded of it.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub event: Value,
    /// SHA-256 over this entry and the hash of the one before (CO-8).
    pub hash: String,
}

/// What a check of the journal's chain found (CO-8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Verification {
    /// Whether every entry is as it was written.
    pub intact: bool,
    /// Entries that were checked.
    pub entries: u64,
    /// The first entry that is not as it was written, or that is missing.
    pub first_broken: Option<Seq>,
    /// What is wrong with it.
    pub problem: Option<String>,
    /// Hash of the last entry; kept elsewhere, it shows entries that were cut off at the end.
    pub head: Option<String>,
}

/// A piece of a replica's output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogLine {
    /// The replica that wrote it.
    pub replica: ReplicaId,
    /// The line.
    pub line: String,
}

/// Who is signed in, and what the server is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// Who.
    pub actor: Actor,
    /// The server's version.
    pub version: String,
    /// Where the gateway answers.
    pub gateway: String,
}
