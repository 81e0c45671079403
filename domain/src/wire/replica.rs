//! Replicas, one by one and counted.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{ReplicaId, RevisionNumber};
use crate::replica::ReplicaState;
use crate::resources::Usage;

/// What a replica does at this moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplicaLoad {
    /// Requests that it is answering.
    pub in_flight: u32,
    /// What it takes of its machine, where the target can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}

/// One replica.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplicaView {
    /// Which one.
    pub id: ReplicaId,
    /// The revision that it runs.
    pub revision: RevisionNumber,
    /// Its state.
    pub state: ReplicaState,
    /// Its process.
    pub pid: Option<u32>,
    /// When its process was last started.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub started_at: Timestamp,
    /// Number of times that it was started again.
    pub restarts: u32,
    /// The time since when it has been ready, while it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub ready_since: Option<Timestamp>,
    /// When it is started again, while it has failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub starts_again_at: Option<Timestamp>,
    /// Requests that it is answering.
    pub in_flight: u32,
    /// The last thing that went wrong with it.
    pub problem: Option<String>,
    /// The work that it is doing before it is ready, such as building its environment.
    #[serde(default)]
    pub doing: Option<String>,
    /// Numbers of the GPUs that it may use.
    #[serde(default)]
    pub gpus: Vec<u32>,
}
