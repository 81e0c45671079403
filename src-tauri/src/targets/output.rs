//! The output of replicas, wherever a target keeps it.

use std::io;

use domain::id::{DeploymentId, ReplicaId};

/// Lines that a replica has written, oldest first, and the position behind them, from which they are read on. Position 0
/// is the beginning; otherwise only the target knows what a position means.
pub type Piece = (Vec<String>, u64);

/// Reads the output of replicas. Every call may block.
pub trait Output: Send + Sync {
    /// The newest `limit` lines of a replica.
    ///
    /// # Errors
    /// `NotFound` when nothing is kept of this replica; else why it cannot be read.
    fn newest(&self, deployment: &DeploymentId, replica: &ReplicaId, limit: usize) -> io::Result<Piece>;

    /// Complete lines that were written after `position`; a part at a time if there are many.
    ///
    /// # Errors
    /// As those of [`newest`](Self::newest).
    fn after(&self, deployment: &DeploymentId, replica: &ReplicaId, position: u64) -> io::Result<Piece>;
}

/// Of a target that keeps no output.
pub struct NoOutput;

impl Output for NoOutput {
    fn newest(&self, _: &DeploymentId, _: &ReplicaId, _: usize) -> io::Result<Piece> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn after(&self, _: &DeploymentId, _: &ReplicaId, _: u64) -> io::Result<Piece> {
        Err(io::ErrorKind::NotFound.into())
    }
}
