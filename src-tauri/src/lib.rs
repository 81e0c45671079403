//! The native side.

pub mod gateway;
