//! The history, and the check of its chain.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{Actor, DeploymentId, Seq};

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

/// What a check of the journal and of everything made from it found (CO-8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Verification {
    /// Whether every entry is as it was written, and every table as the entries say.
    pub intact: bool,
    /// Entries that were checked.
    pub entries: u64,
    /// The first entry that is not as it was written, or that is missing; none where the fault is elsewhere.
    pub first_broken: Option<Seq>,
    /// What is wrong, and what to do.
    pub problem: Option<String>,
    /// Hash of the last entry; kept elsewhere, it shows entries that were cut off at the end.
    pub head: Option<String>,
    /// The last entry that was moved to an archive; the first one here follows it.
    #[serde(default)]
    pub archived: Option<Seq>,
}
