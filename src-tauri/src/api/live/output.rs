//! The output of replicas, and what the gateway keeps of requests.

use std::io;
use std::ops::ControlFlow;

use domain::id::{DeploymentId, ReplicaId};

/// Lines that are kept in files.
pub trait LiveOutput: Send + Sync + 'static {
    /// A piece of a replica's output, oldest line first. Reads files.
    ///
    /// # Errors
    /// `NotFound` when nothing is kept of this replica; what the system says when it cannot be read.
    fn logs(&self, deployment: &DeploymentId, replica: &ReplicaId, from: OutputFrom) -> io::Result<OutputPiece>;

    /// A piece of what is kept of a deployment's requests, oldest first: complete lines of JSON. Reads files.
    ///
    /// # Errors
    /// The system's error when it cannot be read.
    fn records(&self, deployment: &DeploymentId, kind: RecordKind, from: LogFrom) -> io::Result<LogPiece>;

    /// Gives `take` each line that is kept of a deployment's requests, the newest first, until it breaks off; what is no whole
    /// line may be among them, and one may come twice. Reads files.
    ///
    /// # Errors
    /// The system's error when they cannot be read.
    fn records_back(
        &self,
        deployment: &DeploymentId,
        kind: RecordKind,
        take: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> io::Result<()>;
}

/// The records of requests that are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// A line for each: [`RequestLine`](domain::wire::RequestLine).
    Requests,
    /// Requests for predictions with their answers: [`PredictionLine`](domain::wire::PredictionLine).
    Predictions,
}

/// The part of a replica's output that is asked for. 0 is the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputFrom {
    /// The newest lines before this position, at most so many; fewer if they are long.
    Before(u64, usize),
    /// Complete lines written after this position; a part at a time if there are many.
    After(u64),
}

/// A piece of a replica's output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutputPiece {
    /// Its lines as they are kept, oldest first, each with the position of its end.
    pub lines: Vec<(u64, String)>,
    /// The position of the beginning of the first.
    pub begin: u64,
    /// The position of the end of the last, from which reading goes on.
    pub end: u64,
    /// Lines before the first are kept.
    pub earlier: bool,
    /// Lines after the position that was given are not kept any more.
    pub lost: bool,
}

/// The part of what is kept of requests that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFrom {
    /// The newest lines, at most so many.
    Newest(u32),
    /// Complete lines written after this position; a part at a time if there are many.
    After(u64),
}

/// A piece of what is kept of requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogPiece {
    /// Its lines, oldest first, without line ends.
    pub lines: Vec<String>,
    /// The position of its end, from which reading goes on. 0 is the beginning; any other is opaque.
    pub position: u64,
}
