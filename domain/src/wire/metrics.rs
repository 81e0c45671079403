//! What is kept of a deployment's requests, over time.

use serde::{Deserialize, Serialize};

use crate::id::RevisionNumber;

/// A deployment's requests over time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MetricsView {
    /// The length of a point in seconds: 1, 60 or 3,600.
    pub step: u32,
    /// Seconds since 1970 at which the first point that is asked for begins; a multiple of `step`.
    pub from: i64,
    /// Seconds since 1970 at which the last whole point ends; a multiple of `step`. The point that is still being
    /// counted is left out.
    pub to: i64,
    /// Points that have requests, oldest first. By revision, there is one for each revision and one without a
    /// revision for the failures that no replica saw.
    pub items: Vec<MetricsPoint>,
    /// What was seen of its replicas and of waiting requests, at each point at which the server was up, oldest first.
    pub gauges: Vec<GaugePoint>,
    /// Times at which nothing was counted, because no server ran, oldest first.
    pub gaps: Vec<MetricsGap>,
}

/// The requests of a deployment that ended within one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MetricsPoint {
    /// Seconds since 1970 at which it ends.
    pub at: i64,
    /// The revision that answered them, where they are told apart by revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<RevisionNumber>,
    /// Requests that ended.
    pub requests: u64,
    /// Those of them that failed.
    pub failed: u64,
    /// Half of them took at most this many milliseconds.
    pub p50_ms: Option<f64>,
    /// 95 of 100 took at most this many milliseconds.
    pub p95_ms: Option<f64>,
    /// 99 of 100 took at most this many milliseconds.
    #[serde(default)]
    pub p99_ms: Option<f64>,
}

/// What was seen of a deployment at the end of one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GaugePoint {
    /// Seconds since 1970 at which it ends.
    pub at: i64,
    /// Replicas that took requests: the fewest within the step.
    pub ready: u32,
    /// Requests that waited in the queue: the most within the step.
    pub waiting: u32,
}

/// A time at which nothing was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MetricsGap {
    /// Seconds since 1970 at which it begins.
    pub from: i64,
    /// Seconds since 1970 at which it ends.
    pub to: i64,
}
