//! Applications of deployments: reading them (DR-15).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::application::ApplicationTerms;
use crate::id::{Actor, DeploymentName};

/// An application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApplicationView {
    /// The deployment whose predictions it shows.
    pub deployment: DeploymentName,
    /// What its owner says.
    #[serde(flatten)]
    pub terms: ApplicationTerms,
    /// The actor who made it; `null` for a consumer.
    pub made_by: Option<Actor>,
    /// The time at which it was made.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub made_at: Timestamp,
    /// The caller may change and delete it.
    pub may_change: bool,
}
