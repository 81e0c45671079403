//! Rollouts: asking for one, rehearsing it, reading it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::asking::{Apply, BreakGlass};
use crate::compat::Report;
use crate::configuration::Configuration;
use crate::deployment::{OnFailure, Reason};
use crate::diff::Difference;
use crate::id::{Actor, BreakGlassId, ConfigurationId, ModelRef, ReplicaId, RequestId, RevisionNumber, RolloutNumber};
use crate::picture::RolloutPicture;
use crate::principal::PrincipalId;
use crate::receipt::Receipt;
use crate::rehearsal::Rehearsal;
use crate::rollout::{PhaseWord, RolloutKind};
use crate::step_kind::StepKind;
use crate::strategy::{Strategy, StrategyChange};
use crate::words::OpenWord;

/// As much of a deployment's newest rollout as a list shows of one that is in progress or has failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RolloutInBrief {
    /// Its number.
    pub number: RolloutNumber,
    /// Its phase.
    pub phase: PhaseWord,
    /// The revision that was in use before; none for a first rollout.
    #[serde(default)]
    pub from_revision: Option<RevisionNumber>,
    /// The revision that it leads, or was to lead, to; none from servers that do not say it.
    #[serde(default)]
    pub to_revision: Option<RevisionNumber>,
    /// The model versions that were in use before; empty for a first rollout, and where none is bound.
    pub from_models: Vec<ModelRef>,
    /// The model versions that it leads, or was to lead, to.
    pub to_models: Vec<ModelRef>,
    /// What happened last in it, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// When it fails if no further replica becomes available.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub deadline_at: Option<Timestamp>,
    /// What happens if it fails.
    pub on_failure: OnFailure,
    /// The caller has dismissed its failure.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dismissed: bool,
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
    /// The strategy; a field that is not sent is the deployment's.
    pub strategy: StrategyChange,
    /// The failure mode; by default the deployment's (CO-3).
    pub on_failure: Option<OnFailure>,
    /// Why (DR-1).
    pub reason: Option<Reason>,
    /// A sentence about why, at most 2,000 characters.
    pub note: Option<String>,
    /// Why content that is known to be bad is to be rolled out all the same (CO-6), at most 2,000 characters.
    pub quarantine_override: Option<String>,
    /// The rollout in progress that this one takes over from (VX-5, VX-6).
    pub on_top_of: Option<RolloutNumber>,
    /// When it begins (DR-5).
    pub apply: Apply,
    /// Start it although policies or freezes forbid it.
    pub break_glass: Option<BreakGlass>,
    /// Go ahead although the compatibility report warns, or the rehearsal asks for a go-ahead.
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
    /// The strategy; a field that is not sent is the deployment's.
    pub strategy: StrategyChange,
    /// The failure mode; by default the deployment's (CO-3).
    pub on_failure: Option<OnFailure>,
    /// Why content that is known to be bad is to be rolled out all the same (CO-6), at most 2,000 characters.
    pub quarantine_override: Option<String>,
    /// When it begins (DR-5). Going back to the last good revision needs no approval.
    pub apply: Apply,
    /// Start it although policies or freezes forbid it.
    pub break_glass: Option<BreakGlass>,
}

/// A rehearsed rollout: its steps and effects, without anything happening.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RehearseView {
    /// The configuration that would be in use.
    pub configuration: Configuration,
    /// Equal content is in use already, so nothing would change (RAY-1).
    pub unchanged: bool,
    /// The differences from the one in use, with the cost of each.
    pub diff: Vec<Difference>,
    /// The rollout, played to the end.
    pub plan: Rehearsal,
    /// The strategy that the rollout would have, with what it inherits and after what does not fit the machine.
    #[serde(default)]
    pub strategy: Strategy,
    /// Its content is known to be bad, by this revision; it needs a written override (CO-6).
    #[serde(default)]
    pub quarantined: Option<KnownBad>,
    /// Why the machine cannot do it, and what to do (RAY-5); nothing starts then.
    #[serde(default)]
    pub no_room: Option<String>,
    /// What the machine makes of it that a person has to go ahead with (`accept_warnings`), beside the compatibility
    /// report's warnings.
    #[serde(default)]
    pub needs_go_ahead: Option<String>,
    /// Limits that this machine cannot enforce, a sentence each.
    #[serde(default)]
    pub not_enforced: Vec<String>,
    /// Hash of configuration and plan.
    pub plan_hash: String,
    /// The compatibility report; `null` when there is nothing to compare with.
    pub compatibility: Option<Report>,
}

/// A revision that is known to be bad.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KnownBad {
    /// Which one.
    pub revision: RevisionNumber,
    /// Why.
    pub reason: String,
}

/// One step of a rollout, as taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StepView {
    /// `start`, `restart`, `relabel`, `reconfigure`, `drain`, `stop`, `forget` or `wait`; `pause`, `resume`, … for what a person did.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub kind: OpenWord<StepKind>,
    /// Why.
    pub reason: String,
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// The replica that it is about.
    pub replica: Option<ReplicaId>,
    /// The round that it belongs to, as an index of those of the picture; none for what happened to the rollout as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<u32>,
}

/// The approval of a rollout that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Approval {
    /// The request.
    pub request: RequestId,
    /// The version that was approved.
    pub version: u32,
    /// The people whose approval counted when it was applied.
    pub approvers: Vec<PrincipalId>,
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
    /// The phase that it has come to.
    pub phase: PhaseWord,
    /// The strategy.
    pub strategy: Strategy,
    /// The failure mode.
    #[serde(default)]
    pub on_failure: OnFailure,
    /// Its purpose.
    #[serde(default)]
    pub kind: RolloutKind,
    /// The earlier revision whose configuration it goes back to; `null` when it is no rollback.
    #[serde(default)]
    pub rolled_back_to: Option<RevisionNumber>,
    /// Why content that was known to be bad was rolled out all the same.
    #[serde(default)]
    pub quarantine_override: Option<String>,
    /// Why.
    pub reason: Option<Reason>,
    /// A sentence about why.
    pub note: Option<String>,
    /// The person who asked for it.
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
    /// The problem that it failed with.
    pub error: Option<String>,
    /// The steps taken, oldest first; at most the newest 500.
    pub steps: Vec<StepView>,
    /// Hash of configuration and plan.
    pub plan_hash: String,
    /// The compatibility report that allowed it (DR-2).
    #[serde(default)]
    pub compatibility: Option<Report>,
    /// The request by which it was asked for, and who approved it; `null` when it needed none.
    #[serde(default)]
    pub approval: Option<Approval>,
    /// The use of break-glass by which it was started.
    #[serde(default)]
    pub break_glass: Option<BreakGlassId>,
    /// The gateway's count, so far or for good.
    pub receipt: Receipt,
    /// Its places and rounds, while it is in progress.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<RolloutPicture>,
}
