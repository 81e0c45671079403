//! The targets that replicas run on. The engine knows only [`Target`] and the [`Targets`] by name; what they touch is
//! behind that.

pub mod fake;
mod launch;
pub mod local;
mod named;
mod output;
mod target;

pub use launch::{Launch, ModelFile};
pub use named::Targets;
pub use output::{NoOutput, Output, Piece};
pub use target::{KnownReplica, Order, Target, TargetError, Unseen};
