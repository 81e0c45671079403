//! Clients that are refused, slow or silent, on a real server: what they are told, and what they cost others.
//!
//! The counts are small here. `CHANGEOVER_REFUSED=20000 cargo test -p tests --test connections -- --nocapture` measures,
//! also another build with `CHANGEOVER_BIN`.

mod plain;
mod refused;
mod silent;
mod slow;
