//! The route of a deployment, as the engine publishes it: its limits and the replicas that may be asked.

use std::num::NonZeroU32;
use std::time::Duration;

use domain::id::{DeploymentName, ReplicaId, RevisionNumber};
use domain::replica::Handle;

pub use domain::replica::Address;

use super::credential::Credential;

/// A replica that may be asked: ready, and not draining.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteReplica {
    /// The replica.
    pub id: ReplicaId,
    /// The revision that it runs; its answers carry this number and are counted under it.
    pub revision: RevisionNumber,
    /// The address at which it listens.
    pub address: Address,
    /// The handle by which its target knows it. Of a process, which leads a group: requests go to a port only while
    /// that group listens there.
    pub handle: Option<Handle>,
}

/// The rules by which requests of one deployment are answered from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// First segment of the inference URL; no two deployments may have the same.
    pub name: DeploymentName,
    /// False: every request is answered `503 deactivated` (DR-12).
    pub active: bool,
    /// Longest time from giving a request to a replica until the head of its answer; then `504`.
    pub scoring_timeout: Duration,
    /// Longest wait for a replica that has a place free; then `503`. Zero: no wait.
    pub max_queue: Duration,
    /// Requests in flight at one replica.
    pub max_concurrent_requests: NonZeroU32,
    /// The credentials that a request must carry.
    pub credential: Credential,
    /// Keep a line of each request ([`RecordKind::Requests`]).
    pub request_log: bool,
    /// Keep the inputs and outputs of predictions ([`RecordKind::Predictions`]).
    pub data_collection: bool,
    /// The replicas that may be asked. One that is missing here and was there before drains.
    pub replicas: Vec<RouteReplica>,
}

/// The kinds of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecordKind {
    /// Requests: [`RequestLine`](domain::wire::RequestLine).
    Requests,
    /// Predictions: [`PredictionLine`](domain::wire::PredictionLine).
    Predictions,
}

/// The records that a deployment keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Keeps {
    /// A line for each request.
    pub(super) requests: bool,
    /// The inputs and outputs of predictions.
    pub(super) predictions: bool,
}
