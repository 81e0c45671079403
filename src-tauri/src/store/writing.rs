//! Writing: one transaction, on behalf of somebody.

use domain::event::Entry;
use domain::id::Actor;
use jiff::Timestamp;
use rusqlite::Transaction;

use super::reading::Reading;
use crate::events::Recorded;

/// A transaction that may change things.
pub struct Writing<'a> {
    pub(in crate::store) tx: Transaction<'a>,
    pub(super) actor: Actor,
    pub(super) now: Timestamp,
    pub(super) appended: Vec<Recorded>,
    /// The reason why an entry could not be appended, where only writing fails.
    pub(super) trouble: Option<String>,
}

impl Writing<'_> {
    /// The tables as this transaction sees them.
    pub fn reading(&self) -> Reading<'_> {
        Reading(&self.tx)
    }

    /// The time of this transaction.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// On whose behalf it is.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Enters what follows on behalf of `actor`; answers on whose behalf it was before.
    pub fn act_for(&mut self, actor: Actor) -> Actor {
        std::mem::replace(&mut self.actor, actor)
    }

    /// The last entry that was appended here.
    pub fn last(&self) -> Option<&Entry> {
        self.appended.last().map(|recorded| &recorded.entry)
    }
}
