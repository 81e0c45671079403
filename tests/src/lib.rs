//! The parts that the whole-system tests share.

pub mod clients;
pub mod connection;
pub mod identity;
pub mod nginx;
pub mod operator;
pub mod processes;
pub mod program;
pub mod python;
pub mod routing;
pub mod script;
pub mod server;
pub mod stage;
