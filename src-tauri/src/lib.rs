//! The native side of Changeover: what touches the world. `ARCHITECTURE.md` has the map.

pub mod cli;
pub mod config;
pub mod events;
pub mod store;
