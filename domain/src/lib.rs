//! The rules of Changeover: what is true on every side, without I/O, clock or randomness.

#[macro_use]
pub mod words;

pub mod access;
pub mod action;
pub mod autoscaling;
pub mod built_in;
pub mod caller;
pub mod canonical;
pub mod chain;
pub mod change;
pub mod change_request;
pub mod compat;
pub mod configuration;
pub mod credential;
pub mod deployment;
pub mod diff;
pub mod error_code;
pub mod event;
pub mod exact_plan;
pub mod first_answers;
pub mod freeze;
pub mod id;
pub mod ledger;
pub mod local_time;
pub mod model;
#[cfg(feature = "openapi")]
mod openapi;
pub mod period;
pub mod place;
pub mod plan;
pub mod plan_hashes;
pub mod policy;
pub mod principal;
pub mod proof;
pub mod python;
pub mod receipt;
pub mod rehearsal;
pub mod replica;
pub mod requested;
pub mod resources;
pub mod revision;
pub mod rollback;
pub mod rollout;
pub mod runtime;
pub mod secret;
pub mod session;
pub mod sign_in;
pub mod step_kind;
pub mod strategy;
pub mod strict;
mod summary;
pub mod target;
pub mod terms;
pub mod visible;
pub mod wire;
pub mod zone;
