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
mod errand;
mod errands;
mod join;
mod lapse;
mod passwords;
mod secrets;
mod session;
mod stay;
mod tokens;

use std::collections::HashSet;
use std::sync::Mutex;

use domain::provider::{Account, Admission};
use tokio::sync::{Semaphore, watch};

pub(crate) use attempts::ComesFrom;
pub(crate) use callers::Evidence;
pub(crate) use enter::{CameIn, Visitor};
pub(super) use join::keeping_id;
pub(crate) use secrets::MadeSecret;
pub(crate) use stay::Stay;

use super::provider::Vouching;
use crate::commands::WaysIn;
use errands::Errands;
use passwords::Passwords;

/// Those who are asked about at the identity provider at a time; further ones wait.
const VOUCHING: usize = 16;

/// The state that signing in needs while the program runs.
pub(super) struct SignIns {
    pub(super) passwords: Passwords,
    /// Changes whenever something that lets somebody in has ended.
    pub(super) ended: watch::Sender<u64>,
    /// Sessions and API tokens whose use is being noted.
    noting: Mutex<HashSet<String>>,
    /// The ways in which somebody may come in.
    pub(super) ways: WaysIn,
    /// The identity provider, where one is configured.
    pub(super) vouching: Option<Vouching>,
    vouching_turns: Semaphore,
    errands: Errands,
}

impl SignIns {
    pub(super) fn new(closed: bool, vouching: Option<Vouching>) -> Self {
        let issuer = vouching.as_ref().map(|vouching| vouching.provider.issuer().to_owned());
        Self {
            passwords: Passwords::default(),
            ended: watch::Sender::new(0),
            noting: Mutex::default(),
            ways: WaysIn { closed, issuer },
            vouching,
            vouching_turns: Semaphore::new(VOUCHING),
            errands: Errands::default(),
        }
    }

    /// Who is let in whom the provider knows; nobody where none is configured.
    fn admission(&self) -> Admission {
        self.vouching.as_ref().map(|vouching| vouching.admission.clone()).unwrap_or_default()
    }

    /// True for an account at the identity provider that is configured now.
    fn is_of_provider(&self, account: &Account) -> bool {
        self.ways.issuer.as_ref() == Some(&account.issuer)
    }

    /// Lets everybody who has an answer without an end find out whether they are still let in.
    pub(super) fn something_ended(&self) {
        self.ended.send_modify(|count| *count = count.wrapping_add(1));
    }
}
