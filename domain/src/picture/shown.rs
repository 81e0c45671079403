//! The picture of a rollout as it travels.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::ReplicaId;
use crate::replica::ReplicaState;

/// A replica in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Occupant {
    /// The replica.
    pub replica: ReplicaId,
    /// Its state; `null` when it has left the place.
    pub state: Option<ReplicaState>,
}

/// One place of a rollout: a replica of the revision before, and the one that takes its place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PictureColumn {
    /// The last one of the revision before.
    pub old: Option<Occupant>,
    /// The last one of the new revision.
    pub new: Option<Occupant>,
    /// One of the new revision is still to come here, or was when the rollout turned back.
    pub comes: bool,
}

/// Everything that happens in one place in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RolloutRound {
    /// The number of its place, from 1.
    pub place: u32,
    /// It takes the place back.
    pub back: bool,
    /// When its first step was taken.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub began_at: Timestamp,
    /// When it was finished.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub ended_at: Option<Timestamp>,
    /// The rollout turned back before it was finished.
    pub broke_off: bool,
    /// Number of times that a replica was started again in it.
    pub restarts: u32,
}

/// A round that has not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoundToCome {
    /// The number of its place, from 1.
    pub place: u32,
    /// It takes the place back.
    pub back: bool,
    /// Its estimated length in milliseconds; `null` while a replica fails or somebody has paused the rollout.
    pub takes_ms: Option<u32>,
}

/// The picture of a rollout in progress.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RolloutPicture {
    /// The number of replicas that it leads to.
    pub desired: u32,
    /// Its places; a replica keeps its own.
    pub columns: Vec<PictureColumn>,
    /// Its rounds so far, in the order in which they began.
    pub rounds: Vec<RolloutRound>,
    /// Its rounds to come, as the planner would have them now.
    pub to_come: Vec<RoundToCome>,
    /// Milliseconds until it is done by that estimate.
    pub left_ms: Option<u32>,
}
