//! What becomes of a revision, and what is known to be bad.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What became of a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RevisionState {
    /// It is being rolled out.
    Deploying,
    /// It is the one in use.
    InUse,
    /// It was in use.
    Past,
    /// It never came into use: its rollout failed, was cancelled or was superseded.
    Failed,
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
