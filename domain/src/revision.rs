//! The states of a revision, and its quarantine.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

words! {
    /// The state that a revision has come to.
    pub enum RevisionState {
        /// It is being rolled out.
        Deploying = "deploying",
        /// It is the one in use.
        InUse = "in_use",
        /// It was in use.
        Past = "past",
        /// It never came into use: its rollout failed, was cancelled or was superseded.
        Failed = "failed",
    }
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
