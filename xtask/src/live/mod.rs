//! A real server, started for a demonstration or a measurement, and its public API.

mod api;
mod inference;
mod load;
mod processes;
mod server;

pub(crate) use api::{Api, ended, wait_until_running};
pub(crate) use inference::Inference;
pub(crate) use load::{Answer, Load, Pace, percentile};
pub(crate) use processes::{Address, Memory, listening_addresses, memory};
pub(crate) use server::Server;
