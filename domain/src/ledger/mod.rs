//! The state that the journal has come to: each deployment with its revisions, rollouts and replicas, and the rules by
//! which an entry changes them.

mod check;
mod deployment;
mod ending;
mod goal;
mod life;
mod past;
mod request;
mod revision;
mod rollout;
mod step;

pub use check::CandidateCheck;
pub use deployment::{Deployment, OutOfSight};
pub use life::{Ledger, Reach};
pub use past::{ReplicaPast, RevisionSince};
pub use request::{request_after, request_of};
pub use revision::{Revision, Revisions};
pub use rollout::{Rollout, Rollouts};
pub use step::RolloutStep;

#[cfg(test)]
mod tests;
