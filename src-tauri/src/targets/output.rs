//! The output of replicas, wherever a target keeps it.

use std::io;

use domain::id::{DeploymentId, ReplicaId};

/// Lines that a replica has written, oldest first, as they are kept ([`domain::output`]). Positions count what the replica has
/// ever written: 0 is the beginning, and whatever is written later has a greater one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// The complete lines, each with the position of its end.
    pub lines: Vec<(u64, String)>,
    /// The position of the beginning of the first.
    pub begin: u64,
    /// The position of the end of the last, from which is read on.
    pub end: u64,
    /// Lines before `begin` are kept.
    pub earlier: bool,
    /// Lines after the position that was given are not kept any more.
    pub lost: bool,
}

/// Reads the output of replicas. Every call may block.
pub trait Output: Send + Sync {
    /// The newest lines of a replica before `position`, at most `limit` of them; fewer if they are long.
    ///
    /// # Errors
    /// `NotFound` when nothing is kept of this replica; else why it cannot be read.
    fn before(&self, deployment: &DeploymentId, replica: &ReplicaId, position: u64, limit: usize) -> io::Result<Piece>;

    /// Complete lines that were written after `position`; a part at a time if there are many.
    ///
    /// # Errors
    /// As those of [`before`](Self::before).
    fn after(&self, deployment: &DeploymentId, replica: &ReplicaId, position: u64) -> io::Result<Piece>;
}

/// Of a target that keeps no output.
pub struct NoOutput;

impl Output for NoOutput {
    fn before(&self, _: &DeploymentId, _: &ReplicaId, _: u64, _: usize) -> io::Result<Piece> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn after(&self, _: &DeploymentId, _: &ReplicaId, _: u64) -> io::Result<Piece> {
        Err(io::ErrorKind::NotFound.into())
    }
}
