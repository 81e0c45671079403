//! A replica as its server and its clients meet it: real processes, real sockets, real models.

#![allow(clippy::unwrap_used, reason = "helpers of tests stand outside test functions")]

mod command;
mod external;
mod first;
mod host;
mod life;
mod limits;
mod one_protocol;
mod packages;
mod protocol;
mod trees;
mod user_config;
mod wrong_input;
