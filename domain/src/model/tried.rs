//! The outcome of something that was tried with a model.

use serde::{Deserialize, Serialize};

/// The outcome of something that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "result")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Tried {
    /// It worked.
    Worked,
    /// It did not.
    Failed {
        /// The failure, in the words of what was tried.
        problem: String,
    },
    /// A request that holds a guess was refused, so that the fault need not be the model's.
    GuessRefused {
        /// The refusal, in the words of the model.
        problem: String,
    },
    /// It could not be tried.
    NotTried {
        /// The reason for which it could not be tried.
        why: String,
    },
}
