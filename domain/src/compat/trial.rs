//! The trial of a candidate in a scratch replica beside the deployment (DR-3: loads and answers a sample request).

use serde::{Deserialize, Serialize};

use crate::model::Tried;

/// The findings of a scratch replica.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Trial {
    /// The outcome of loading: the replica became ready, or not.
    pub loads: Tried,
    /// The outcome of a request made from its signature or its input example: the replica answered, or not.
    pub answers: Tried,
    /// Most memory that its processes held together, in bytes.
    pub memory_bytes: Option<u64>,
    /// From start to ready, in milliseconds.
    pub startup_ms: Option<u64>,
}

words! {
    /// The step that a check of a candidate has come to.
    pub enum CheckStep {
        /// Waits for its turn: one candidate is tried at a time.
        Queued = "queued",
        /// A scratch replica starts: its package is unpacked, its environment is built, its model loaded.
        Starting = "starting",
        /// It is ready and is sent a sample request.
        Asking = "asking",
        /// It is over.
        Ended = "ended",
    }
}

impl CheckStep {
    /// Its title, as people read it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Queued => "Waits for its turn",
            Self::Starting => "Loads in a scratch replica",
            Self::Asking => "Answers a sample request",
            Self::Ended => "Ended",
        }
    }
}
