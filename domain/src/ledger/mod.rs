//! What the journal has come to: each deployment with its revisions and rollouts.

mod deployment;
mod revision;
mod rollout;

pub use deployment::{Deployment, OutOfSight};
pub use revision::Revision;
pub use rollout::Rollout;
