//! A rollout as the journal has made it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::compat::Report;
use crate::deployment::{OnFailure, Reason};
use crate::id::{Actor, RevisionNumber, RolloutNumber};
use crate::receipt::Receipt;
use crate::rollout::{Marks, Phase, RolloutKind};
use crate::strategy::Strategy;

/// One rollout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rollout {
    /// Which one.
    pub number: RolloutNumber,
    /// The last good revision when it started.
    pub from_revision: Option<RevisionNumber>,
    /// The revision that it leads to.
    pub to_revision: RevisionNumber,
    /// Where it stands.
    pub phase: Phase,
    /// How it moves.
    pub strategy: Strategy,
    /// What its deadlines are measured from.
    pub marks: Marks,
    /// Since when it is paused.
    pub paused_at: Option<Timestamp>,
    /// Why.
    pub reason: Option<Reason>,
    /// A sentence about why.
    pub note: Option<String>,
    /// Who asked for it.
    pub actor: Actor,
    /// When.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What went wrong.
    pub error: Option<String>,
    /// Hash of configuration and plan.
    pub plan_hash: String,
    /// The gateway's count, as last recorded.
    pub receipt: Receipt,
    /// What a failure does.
    #[serde(default)]
    pub on_failure: OnFailure,
    /// What it is for.
    #[serde(default)]
    pub kind: RolloutKind,
    /// The earlier revision whose configuration it goes back to.
    #[serde(default)]
    pub rolled_back_to: Option<RevisionNumber>,
    /// Why content that was known to be bad was rolled out all the same (CO-6).
    #[serde(default)]
    pub quarantine_override: Option<String>,
    /// The compatibility report that allowed it (DR-2).
    #[serde(default)]
    pub compatibility: Option<Report>,
}

impl Rollout {
    /// Whether its deadlines come nearer: it is in progress, nobody has paused it, and its clock does not stand.
    pub fn is_judged(&self) -> bool {
        matches!(self.phase, Phase::Rolling | Phase::Reverting(_)) && self.marks.stands_since.is_none()
    }

    /// Whether its clock runs: it is in progress, nobody has paused it, and its clock does not stand.
    pub fn clock_runs(&self) -> bool {
        matches!(self.phase, Phase::Pending | Phase::Rolling | Phase::Reverting(_)) && self.marks.stands_since.is_none()
    }
}
