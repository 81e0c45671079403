//! What is only known while the program runs: requests, output of replicas, readiness.

use std::io;
use std::path::Path;

use domain::id::{DeploymentId, Digest, ReplicaId, RolloutNumber, TargetName};
use domain::model::Tried;
use domain::replica::ReplicaRecord;
use domain::resources::Machine;
use domain::wire::{MetricsPoint, Receipt, Traffic};

/// Answered by what runs beside the API: gateway, engine and target.
///
/// Assumptions: no method calls the store, because answers to writes are made up inside their transaction.
/// All but [`Live::logs`], [`Live::records`], [`Live::forget_package`] and [`Live::first_load`] answer from memory.
pub trait Live: Send + Sync + 'static {
    /// A deployment's recent requests.
    fn traffic(&self, deployment: &DeploymentId) -> Traffic;

    /// One point for each of the last `window_seconds` seconds that had requests, oldest first.
    fn metrics(&self, deployment: &DeploymentId, window_seconds: u32) -> Vec<MetricsPoint>;

    /// Requests that a replica is answering.
    fn in_flight(&self, deployment: &DeploymentId, replica: &ReplicaId) -> u32;

    /// These replicas as last seen, also where that is not recorded.
    fn seen(&self, recorded: Vec<ReplicaRecord>) -> Vec<ReplicaRecord>;

    /// A rollout's receipt including what was counted since it was last recorded.
    fn receipt(&self, deployment: &DeploymentId, rollout: RolloutNumber, recorded: &Receipt) -> Receipt;

    /// A deployment's requests since this server started, as a whole and by revision.
    fn counts(&self, deployment: &DeploymentId) -> Receipt;

    /// A piece of a replica's output, oldest line first. Reads files.
    ///
    /// # Errors
    /// `NotFound` when nothing is kept of this replica; what the system says when it cannot be read.
    fn logs(&self, deployment: &DeploymentId, replica: &ReplicaId, from: LogFrom) -> io::Result<LogPiece>;

    /// A piece of what is kept of a deployment's requests, oldest first: complete lines of JSON. Reads files.
    ///
    /// # Errors
    /// What the system says when it cannot be read.
    fn records(&self, deployment: &DeploymentId, kind: RecordKind, from: LogFrom) -> io::Result<LogPiece>;

    /// What a target has to give to replicas, and which limits it enforces.
    fn machine(&self, target: &TargetName) -> Machine;

    /// The targets that are configured.
    fn targets(&self) -> Vec<TargetName>;

    /// What a replica is doing before it is ready, in a few words.
    fn doing(&self, replica: &ReplicaId) -> Option<String>;

    /// Removes what replicas made of an artifact that no version has any more. Removes files.
    ///
    /// # Errors
    /// What the system says when it cannot be removed.
    fn forget_package(&self, digest: &Digest) -> io::Result<()>;

    /// The outcome of loading the ONNX file at `path` once with the built-in runtime, with what belongs to it in its folder;
    /// `size` is that of the whole package in bytes. Starts a process and waits for it, within bounds.
    fn first_load(&self, path: &Path, size: u64) -> Tried;

    /// Where the gateway answers, without a slash at the end; a deployment's URL is this with its name.
    fn gateway_url(&self) -> String;

    /// Whether requests can be served.
    fn ready(&self) -> bool;
}

/// What is kept of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// A line for each: [`RequestLine`](domain::wire::RequestLine).
    Requests,
    /// What was asked and answered: [`PredictionLine`](domain::wire::PredictionLine).
    Predictions,
}

/// Which part of a replica's output is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFrom {
    /// The newest lines, at most so many.
    Newest(u32),
    /// Complete lines written after this position; a part at a time if there are many.
    After(u64),
}

/// A piece of a replica's output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogPiece {
    /// Its lines, oldest first, without line ends.
    pub lines: Vec<String>,
    /// Where it ends, to be read on from there. 0 is the beginning; otherwise only its maker knows what it means.
    pub position: u64,
}
