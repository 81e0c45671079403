//! The router with a real store and real artifacts; only what runs beside the API is made up.

mod health;
mod models;
mod rig;
