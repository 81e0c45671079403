//! Configurations, and what differs between two.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::configuration::Configuration;
use crate::diff::Difference;
use crate::id::{Actor, ConfigurationId, RevisionNumber};

/// A configuration with what it belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConfigurationView {
    /// Which one.
    pub id: ConfigurationId,
    /// Its settings, with every default written out.
    #[serde(flatten)]
    pub configuration: Configuration,
    /// Whether it is the one in use.
    pub in_use: bool,
    /// Revisions that were given it, newest first.
    pub revisions: Vec<RevisionNumber>,
    /// Equal for configurations that ask for the same thing.
    pub content_hash: String,
    /// When it was made.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: Actor,
}

/// What differs between two configurations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DiffView {
    /// The one it is compared with.
    pub against: ConfigurationId,
    /// The fields that differ.
    pub differences: Vec<Difference>,
}
