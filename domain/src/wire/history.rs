//! The history, and the check of its chain.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::event::EventKind;
use crate::id::{Actor, DeploymentId, Seq};
use crate::words::OpenWord;

/// One entry of the history. Events over the subscription have the same form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryEntry {
    /// Its place in the journal.
    pub seq: Seq,
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// The actor.
    pub actor: Actor,
    /// The deployment that it is about.
    pub deployment: Option<DeploymentId>,
    /// The kind of the event.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub kind: OpenWord<EventKind>,
    /// The event, in a sentence.
    pub summary: String,
    /// All that is recorded of it.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub event: Value,
    /// SHA-256 over this entry and the hash of the one before (CO-8).
    pub hash: String,
}
