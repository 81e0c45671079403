//! Rollouts: asking for one, rehearsing it, reading it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::configuration::Configuration;
use crate::deployment::Reason;
use crate::diff::Difference;
use crate::event::Receipt;
use crate::id::{Actor, ConfigurationId, ReplicaId, RevisionNumber, RolloutNumber};
use crate::rehearsal::Rehearsal;
use crate::rollout::PhaseWord;
use crate::strategy::Strategy;

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
