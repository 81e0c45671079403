//! A new `user_config` on its way.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::RevisionNumber;

/// A new `user_config` on its way to a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The revision whose `user_config` it is.
    pub revision: RevisionNumber,
    /// When it was tried last.
    pub at: Timestamp,
    /// How often in a row it failed.
    pub failed: u32,
    /// It was taken off the route and finishes the requests that it has; it has not been asked yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub finishes: bool,
    /// It was refused for good: asking again changes nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
}

impl Delivery {
    /// Whether the replica may be busy with it, or have taken it. What was refused for good it has not.
    pub fn may_be_taken(self) -> bool {
        !self.refused
    }
}
