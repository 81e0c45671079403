//! Whether something that was tried with a model worked.

use serde::{Deserialize, Serialize};

/// Whether something that was tried worked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "result")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Tried {
    /// It worked.
    Worked,
    /// It did not.
    Failed {
        /// What went wrong, in the words of what was tried.
        problem: String,
    },
    /// A request that holds a guess was refused, so that the fault need not be the model's.
    GuessRefused {
        /// What was answered.
        problem: String,
    },
    /// It could not be tried.
    NotTried {
        /// Why not.
        why: String,
    },
}
