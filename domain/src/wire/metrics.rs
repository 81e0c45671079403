//! What is kept of a deployment's requests, over time.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{ModelRef, RevisionNumber};

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
    /// Times of which everything that was counted was cleared, oldest first.
    #[serde(default)]
    pub cleared: Vec<MetricsGap>,
    /// All requests of these points, by revision: the ones without a revision are the failures that no replica saw.
    #[serde(default)]
    pub totals: Vec<MetricsTotal>,
}

/// The requests of a revision over the whole time that is asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MetricsTotal {
    /// The revision that answered them.
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
    pub p99_ms: Option<f64>,
    /// How long they took, to add several up: pairs of a bucket's number and its requests, in ascending order. A bucket is an
    /// eighth of a power of two of microseconds wide.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Vec<u64>>))]
    pub durations: Vec<(usize, u64)>,
}

/// Asks for what is kept of requests to be removed, over a time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClearStatistics {
    /// Only of revisions that bind this model version; by default of all.
    pub model: Option<ModelRef>,
    /// The beginning of the time; by default there is none.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub from: Option<Timestamp>,
    /// Its end; by default now.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub to: Option<Timestamp>,
    /// Why, at most 2,000 characters. It must say something.
    pub reason: String,
}

/// What of requests is cleared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClearedStatistics {
    /// The model version whose revisions are meant; none for all.
    pub model: Option<ModelRef>,
    /// Those revisions; none for all, and for requests that no replica saw.
    pub revisions: Option<BTreeSet<RevisionNumber>>,
    /// The beginning of the time, rounded down to a whole minute, or to a whole hour further back than 31 days; none when
    /// everything up to its end is cleared.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub from: Option<Timestamp>,
    /// Its end, rounded up alike, but never later than the moment of the clearing.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub to: Timestamp,
    /// Why.
    pub reason: String,
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
