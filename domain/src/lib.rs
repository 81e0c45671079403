//! The rules of Changeover: what is true on every side, without I/O, clock or randomness.

pub mod id;
pub mod model;
