//! Signing in: who a request is from, attempts and their limits, passwords, sessions, and when what is open ends.
//!
//! # Guarantees
//!
//! - Whoever is refused learns nothing of why: one sentence, and the same work for an account that is not there.
//! - Passwords are hashed off the async threads, a few at a time.
//! - What was shown is looked up anew for each request, so that what was ended or taken away does not count with the next.

mod account;
mod attempts;
mod callers;
mod enter;
mod join;
mod passwords;
mod secrets;
mod session;
mod stay;
mod tokens;

use std::collections::HashSet;
use std::sync::Mutex;

use tokio::sync::watch;

pub(crate) use attempts::ComesFrom;
pub(crate) use callers::Evidence;
pub(crate) use enter::{CameIn, Visitor};
pub(super) use join::keeping_id;
pub(crate) use secrets::MadeSecret;
pub(crate) use stay::Stay;

use passwords::Passwords;

/// The state that signing in needs while the program runs.
pub(super) struct SignIns {
    pub(super) passwords: Passwords,
    /// Changes whenever something that lets somebody in has ended.
    pub(super) ended: watch::Sender<u64>,
    /// Sessions and API tokens whose use is being noted.
    noting: Mutex<HashSet<String>>,
    /// The server's own token lets nobody in.
    pub(super) closed: bool,
}

impl SignIns {
    pub(super) fn new(closed: bool) -> Self {
        Self { passwords: Passwords::default(), ended: watch::Sender::new(0), noting: Mutex::default(), closed }
    }

    /// Lets everybody who has an answer without an end find out whether they are still let in.
    pub(super) fn something_ended(&self) {
        self.ended.send_modify(|count| *count = count.wrapping_add(1));
    }
}
