//! What the whole-system tests share.

pub mod processes;
pub mod program;
pub mod server;
pub mod stage;
