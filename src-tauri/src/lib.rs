//! The native side.

pub mod api;
