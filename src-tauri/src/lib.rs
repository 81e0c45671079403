//! The native side of Changeover: what touches the world. `ARCHITECTURE.md` has the map.

pub mod api;
pub mod commands;
pub mod events;
pub mod packages;
pub mod replica;
pub mod store;
