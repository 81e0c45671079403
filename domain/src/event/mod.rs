//! What happened: the entries of the journal, from which every table can be made again.

mod version;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::compat::{CheckStep, Report, Trial};
use crate::configuration::Configuration;
use crate::credential::Key;
use crate::deployment::{About, Importance, OnFailure, Reason, Status};
use crate::id::{
    CheckId, ConfigurationId, DeploymentId, DeploymentName, ModelRef, ReplicaId, RevisionNumber, RolloutNumber, Seq,
    TargetName,
};
use crate::model::RegisteredModel;
use crate::receipt::Receipt;
use crate::replica::ReplicaRecord;
use crate::rollout::{Phase, RolloutEvent, RolloutKind};
use crate::strategy::Strategy;

pub use version::{Step, Unreadable, VERSIONS, Versions};

/// One thing that happened. What it is about stands beside it in the journal entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// A model version was registered.
    ModelRegistered {
        /// The version.
        model: Box<RegisteredModel>,
    },
    /// A model version was removed from the registry; its number is not used again.
    ModelDeleted {
        /// The version.
        model: ModelRef,
    },
    /// Somebody asked whether a candidate may replace what is in use; a scratch replica is to show it.
    CheckStarted {
        /// The check.
        id: CheckId,
        /// What would be rolled out.
        configuration: Box<Configuration>,
    },
    /// A check came to its next step.
    CheckMoved {
        /// The check.
        id: CheckId,
        /// Where it stands.
        step: CheckStep,
    },
    /// A check is over.
    CheckEnded {
        /// The check.
        id: CheckId,
        /// What the scratch replica showed.
        trial: Trial,
        /// What all checks came to.
        report: Report,
    },
    /// A deployment was made.
    DeploymentCreated {
        /// What it is called.
        name: DeploymentName,
        /// Where its replicas run.
        target: TargetName,
        /// How much depends on it.
        importance: Importance,
        /// What a failed rollout does.
        on_failure: OnFailure,
        /// When it is removed by itself (SAP-8).
        expires_at: Option<Timestamp>,
        /// How its rollouts move unless they say otherwise.
        #[serde(default)]
        strategy: Strategy,
        /// What it is for.
        #[serde(default)]
        about: About,
    },
    /// What no rollout is needed for was changed. A field that is not there stays as it was.
    DeploymentChanged {
        /// How much depends on it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        importance: Option<Importance>,
        /// What a failed rollout does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on_failure: Option<OnFailure>,
        /// How its rollouts move unless they say otherwise.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        strategy: Option<Strategy>,
        /// What it is for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        about: Option<About>,
    },
    /// A configuration was made.
    ConfigurationCreated {
        /// Which one.
        id: ConfigurationId,
        /// What it holds.
        configuration: Box<Configuration>,
    },
    /// A rollout was asked for; its revision was made with it.
    RolloutStarted {
        /// The rollout.
        number: RolloutNumber,
        /// The revision that it leads to.
        to_revision: RevisionNumber,
        /// That revision's configuration.
        configuration: ConfigurationId,
        /// The last good revision, which it goes back to when it fails.
        from_revision: Option<RevisionNumber>,
        /// How it moves.
        strategy: Strategy,
        /// Why (DR-1).
        reason: Option<Reason>,
        /// A sentence about why.
        note: Option<String>,
        /// Hash of configuration and plan (CO-7).
        plan_hash: String,
        /// The rollout that it takes over from; that one has ended `superseded`.
        supersedes: Option<RolloutNumber>,
        /// What a failure does.
        #[serde(default)]
        on_failure: OnFailure,
        /// What it is for. In the journal under another name than the entry's own `kind`.
        #[serde(default)]
        purpose: RolloutKind,
        /// How many replicas it begins with, when autoscaling says how many there are.
        #[serde(default)]
        scale: Option<u32>,
        /// The earlier revision whose configuration a person asked to go back to (VX-5); none when it is no rollback.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rolled_back_to: Option<RevisionNumber>,
        /// Why content that is known to be bad is rolled out all the same (CO-6).
        #[serde(default)]
        quarantine_override: Option<String>,
        /// The compatibility report that allowed it (DR-2).
        #[serde(default)]
        compatibility: Option<Report>,
    },
    /// A rollout's phase changed.
    RolloutMoved {
        /// The rollout.
        number: RolloutNumber,
        /// What happened to it.
        event: RolloutEvent,
        /// Its phase from now on.
        phase: Phase,
        /// What went wrong, for people.
        problem: Option<String>,
        /// The gateway's count so far; final when the phase is.
        receipt: Receipt,
        /// It failed although no replica of its revision had: that revision is not known to be bad.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        blameless: bool,
    },
    /// No server ran for a while, as far as is known: the deadlines of a rollout come later by so much.
    RolloutUnattended {
        /// The rollout.
        number: RolloutNumber,
        /// When the last entry before was made.
        since: Timestamp,
    },
    /// More replicas became available than ever in this phase.
    RolloutProgressed {
        /// The rollout.
        number: RolloutNumber,
        /// So many.
        available: u32,
        /// The gateway's count so far.
        receipt: Receipt,
    },
    /// The count of a rollout that was superseded, final now.
    ReceiptClosed {
        /// The rollout.
        number: RolloutNumber,
        /// The gateway's count until the next rollout began.
        receipt: Receipt,
    },
    /// The engine takes a step, or begins to wait for something.
    StepTaken {
        /// The rollout that it belongs to, if one is in progress.
        rollout: Option<RolloutNumber>,
        /// `start`, `restart`, `relabel`, `reconfigure`, `drain`, `stop`, `forget` or `wait`.
        step: String,
        /// The replica that it is about.
        replica: Option<ReplicaId>,
        /// Why.
        reason: String,
        /// Nothing is waited for that says anything of the rollout's revision: its clock stands until the next step.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        stands: bool,
    },
    /// What is known of a replica changed.
    ReplicaChanged {
        /// All that is known of it.
        replica: ReplicaRecord,
    },
    /// A replica is gone.
    ReplicaForgotten {
        /// Which one.
        id: ReplicaId,
    },
    /// The deployment's target cannot be seen: nothing is started, stopped or judged until it is.
    TargetUnseen {
        /// The rollout in progress, whose clock stands from now on.
        rollout: Option<RolloutNumber>,
        /// Why, in a sentence for people.
        why: String,
    },
    /// The deployment's target can be seen again.
    TargetSeen {
        /// The rollout in progress, whose clock runs again.
        rollout: Option<RolloutNumber>,
    },
    /// A deployment's status changed.
    StatusChanged {
        /// Its status from now on.
        status: Status,
        /// What is wrong, for people.
        error: Option<String>,
    },
    /// Autoscaling changed the number of replicas (RAY-7).
    Scaled {
        /// It was so many.
        from: u32,
        /// It is so many.
        to: u32,
        /// Requests that replicas were answering.
        in_flight: u32,
        /// Requests that waited for one.
        waiting: u32,
        /// Why, in a sentence.
        reason: String,
    },
    /// Somebody asked for a deployment's replicas to be taken away (DR-12).
    Deactivated {
        /// Why.
        note: Option<String>,
    },
    /// A revision was marked as known to be bad (CO-6).
    RevisionQuarantined {
        /// Which one.
        number: RevisionNumber,
        /// Why.
        reason: String,
    },
    /// A revision is no longer taken for bad.
    QuarantineLifted {
        /// Which one.
        number: RevisionNumber,
        /// Why not.
        note: String,
    },
    /// A revision cannot be gone back to any more (VX-8).
    RevisionRemoved {
        /// Which one.
        number: RevisionNumber,
    },
    /// Somebody, or its time to live, asked for a deployment to be removed.
    DeleteRequested {
        /// Why, when nobody asked.
        note: Option<String>,
    },
    /// A key of a deployment was made anew: the one before is no longer accepted. What it is stands nowhere.
    KeyRegenerated {
        /// Which one.
        key: Key,
    },
    /// The secret that a deployment's tokens are signed with was made anew: none of those before is accepted.
    TokensRevoked {},
    /// Entries that had reached the disk are lost, and somebody decided to go on without them.
    EntriesLost {
        /// The last one that had been written.
        last: Seq,
        /// Its hash.
        hash: String,
    },
    /// A deployment and its replicas are gone.
    DeploymentDeleted {
        /// What it was called.
        name: DeploymentName,
    },
}

/// An event in its place in the journal (CO-8).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place.
    pub seq: Seq,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: crate::id::Actor,
    /// The deployment that it is about.
    pub deployment: Option<DeploymentId>,
    /// What happened.
    pub event: Event,
}
