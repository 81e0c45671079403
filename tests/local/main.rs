//! What the local target promises, with a real server and real processes: a new `user_config` without a restart.

mod user_config;
