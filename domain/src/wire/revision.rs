//! Revisions, and what became of each.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::deployment::Reason;
use crate::id::{Actor, ConfigurationId, ModelRef, RevisionNumber};
use crate::revision::{Quarantine, RevisionState};

/// Marks a revision as known to be bad, or takes that back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuarantineNote {
    /// Why, in words; 1 to 2,000 characters.
    pub note: String,
}

/// One revision of a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RevisionView {
    /// Which one.
    pub number: RevisionNumber,
    /// The configuration that it was given.
    pub configuration: ConfigurationId,
    /// That configuration's name.
    pub configuration_name: String,
    /// Model versions that it binds.
    pub models: Vec<ModelRef>,
    /// The state that it has come to.
    pub state: RevisionState,
    /// Known to be bad.
    pub quarantined: Option<Quarantine>,
    /// When it was made.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// Why it was made.
    pub reason: Option<Reason>,
    /// The earlier revision whose configuration it was made to go back to; `null` when it was no rollback. Replicas that
    /// are only started anew leave it as it is.
    #[serde(default)]
    pub rolled_back_to: Option<RevisionNumber>,
    /// Equal for revisions that ask for the same.
    #[serde(default)]
    pub content: String,
    /// The person who made it.
    pub actor: Actor,
}
