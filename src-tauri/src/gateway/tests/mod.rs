//! Tests of the gateway on real sockets.

mod answers;
mod balance;
mod counting;
mod credentials;
mod draining;
mod early;
mod first_answers;
mod kit;
mod limits;
mod names;
mod passing;
mod queueing;
mod receipts;
mod records;
mod retrying;
mod settings;
mod streaming;
