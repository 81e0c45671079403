//! What the whole-system tests share.

pub mod processes;
pub mod server;
pub mod stage;
