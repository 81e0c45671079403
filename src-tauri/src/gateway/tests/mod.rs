//! Tests of the gateway on real sockets.

mod answers;
mod balance;
mod counting;
mod credentials;
mod draining;
mod kit;
mod limits;
mod passing;
mod queueing;
mod records;
mod retrying;
mod streaming;
