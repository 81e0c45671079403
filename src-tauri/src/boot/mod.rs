//! The composition root: builds everything in order, runs it, and takes it down in order.
//!
//! Flow: lock the data directory → have the API's address → open store and artifacts → gateway → take over
//! running replicas → engine → API. Down: stop taking requests → let the running ones finish → end the replicas.
//!
//! Errors: nothing is half started; what was opened is closed again when a later part fails. Whatever another
//! program may hold is asked for first, so that a start that fails leaves replicas alone that wait to be adopted.

mod admin_link;
mod answering;
mod candidates;
mod closed;
mod data;
mod data_error;
mod descriptors;
mod ending;
mod error;
mod identity;
mod left_over;
mod live;
mod predictions;
mod process;
mod provider;
mod sealing;
mod serve;
mod server;
mod targets;
mod upkeep;
mod window;

pub use data_error::DataError;
pub use error::BootError;
pub use serve::serve;
pub use server::{Announcement, Server};
pub use upkeep::upkeep;
pub use window::{WindowPage, in_window};
