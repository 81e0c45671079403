//! What is kept of requests over time: how it is counted, summed up, rolled up, and when it is too old.
//!
//! A request belongs to the second in which it ends, and a second to the minute and the hour in which it ends: a point
//! carries the second since 1970 at which it *ends*, which is a multiple of its length. So a point at 60 of a minute sums up
//! the points at 1 to 60 of a second.

mod bounds;
mod clearing;
mod gauge;
mod grain;
mod histogram;
mod span;
mod sum;

pub use bounds::{BOUNDS, DurationCounts, bound_of};
pub use clearing::{ClearedTime, InvalidClearing};
pub use gauge::{Gauge, GaugeTrack, held};
pub use grain::Grain;
pub use histogram::{BUCKETS, Histogram, InvalidHistogram, bucket};
pub use span::{KeptSpan, gaps, joined, was_kept};
pub use sum::RequestSum;
