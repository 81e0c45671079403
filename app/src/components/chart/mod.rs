//! Charts of a deployment's requests.
//!
//! # Flow
//! An answer of the server is put into whole buckets (`gathered`). A drawing is made of those: shapes, scale and numbers
//! (`requests`, `latency`, `errors`, `gauges`). All of that is pure. The component draws it, and tells the numbers of the
//! bucket that somebody looks at.

mod bands;
mod buckets;
mod canvas;
mod chosen;
mod drawing;
mod errors;
mod gathered;
mod gauges;
mod latency;
mod layers;
mod moments;
mod number_table;
mod picture;
mod plot;
mod readout;
mod requests;
mod scale;

pub(crate) use bands::RolloutBand;
pub(crate) use buckets::bucket_length;
pub(crate) use drawing::{Drawing, length_word};
pub(crate) use errors::errors;
pub(crate) use gathered::Gathered;
pub(crate) use gauges::{ready_replicas, waiting_requests};
pub(crate) use latency::latency;
pub(crate) use layers::RevisionLabels;
pub(crate) use plot::Chart;
pub(crate) use requests::requests;
