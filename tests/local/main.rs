//! The promises of the local target, with a real server and real processes: a new `user_config` without a restart,
//! resources and their limits, Python environments.

mod capacity;
mod environments;
mod first_answers;
mod limits;
mod output;
mod packages;
mod program;
mod strangers;
mod targets;
mod user_config;
