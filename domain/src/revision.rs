//! What becomes of a revision, and what is known to be bad.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

words! {
    /// What became of a revision.
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
