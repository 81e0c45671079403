//! The native side of Changeover: what touches the world. `ARCHITECTURE.md` has the map.

pub mod api;
pub mod boot;
mod cause;
pub mod checks;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod config;
pub(crate) mod connection;
pub mod courier;
pub mod engine;
pub mod events;
pub mod gateway;
pub mod http;
pub mod metrics;
pub mod oidc;
pub mod packages;
pub mod peer;
pub mod pythons;
pub mod replica;
pub mod schedule;
pub mod store;
pub mod targets;
pub mod upkeep;
pub mod vital;
