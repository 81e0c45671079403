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

/// The reason for which a revision is known to be bad, and the time since when it is (CO-6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Quarantine {
    /// The reason, in a sentence for people.
    pub reason: String,
    /// The time since when it is known to be bad.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
}
