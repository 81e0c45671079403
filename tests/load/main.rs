//! Rollouts under load: every request is counted, and none may fail.

mod counted;
mod replacing;
mod together;
mod traffic;

/// Each asks for all that the machine has, so that there is one at a time.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
