//! The router with a real store and real artifacts; only what runs beside the API is made up.

mod access;
mod compat;
mod configurations;
mod credentials;
mod deleting;
mod deployments;
mod documented;
mod events;
mod health;
mod history;
mod idempotency;
mod logs;
mod models;
mod newer;
mod operations;
mod packages;
mod revisions;
mod rig;
mod rollouts;
mod targets;
mod unknown_fields;
mod uploads;
mod wrong_input;
