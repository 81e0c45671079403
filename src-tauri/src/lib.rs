//! The native side.

pub mod packages;
pub mod replica;
