//! One change of what a deployment runs: as it is asked for, recorded in the journal, and carried out by a rollout.

use serde::{Deserialize, Serialize};

use crate::compat::Report;
use crate::deployment::{OnFailure, Reason};
use crate::id::{ConfigurationId, RevisionNumber};
use crate::rollout::RolloutKind;
use crate::strategy::Strategy;

/// A change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The purpose. In the journal under another name than the entry's own `kind`.
    #[serde(default, rename = "purpose")]
    pub kind: RolloutKind,
    /// The configuration that the deployment is given.
    pub configuration: ConfigurationId,
    /// The last good revision when it was asked for, which it goes back to when it fails; none when there was none, or
    /// nothing ran.
    pub from_revision: Option<RevisionNumber>,
    /// The strategy by which its rollout moves.
    pub strategy: Strategy,
    /// Says what a failure does.
    #[serde(default)]
    pub on_failure: OnFailure,
    /// The number of replicas that it begins with, when autoscaling says how many there are.
    #[serde(default)]
    pub scale: Option<u32>,
    /// The reason, as a word (DR-1).
    pub reason: Option<Reason>,
    /// A sentence about the reason.
    pub note: Option<String>,
    /// The earlier revision whose configuration a person asked to go back to (VX-5); none when it is no rollback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rolled_back_to: Option<RevisionNumber>,
    /// The reason for which content that is known to be bad is rolled out all the same (CO-6).
    #[serde(default)]
    pub quarantine_override: Option<String>,
    /// Somebody went ahead although the compatibility report or the rehearsal warned.
    #[serde(default)]
    pub accept_warnings: bool,
    /// The compatibility report that allowed it (DR-2).
    #[serde(default)]
    pub compatibility: Option<Report>,
}
