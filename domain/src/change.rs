//! One change of what a deployment runs: as it is asked for, recorded in the journal, and carried out by a rollout.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::canonical;
use crate::compat::Report;
use crate::configuration::Configuration;
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
    /// The compatibility report that allowed it (DR-2).
    #[serde(default)]
    pub compatibility: Option<Report>,
}

/// The hash of a plan (CO-7): of the content that is rolled out, from where, how, and what a failure does.
pub fn plan_hash(
    configuration: &Configuration,
    from_revision: Option<RevisionNumber>,
    strategy: &Strategy,
    on_failure: OnFailure,
) -> String {
    canonical::hash(&json!({
        "configuration": configuration.content_hash(),
        "from_revision": from_revision,
        "strategy": strategy,
        "on_failure": on_failure,
    }))
}
