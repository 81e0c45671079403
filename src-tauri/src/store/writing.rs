//! Writing: one transaction, on behalf of somebody.

use domain::event::Entry;
use domain::id::Actor;
use jiff::Timestamp;
use rusqlite::Transaction;

use super::StoreError;
use super::reading::Reading;
use crate::events::Recorded;

/// A transaction that may change things.
pub struct Writing<'a> {
    pub(in crate::store) tx: Transaction<'a>,
    pub(super) actor: Actor,
    pub(super) now: Timestamp,
    pub(super) appended: Vec<Recorded>,
    /// Somebody's notices have changed.
    pub(super) notices: bool,
    /// The reason why an entry could not be appended, where only writing fails.
    pub(super) trouble: Option<String>,
}

/// The place in a transaction to which an attempt is taken back.
pub(crate) struct Savepoint {
    appended: usize,
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

    /// Remembers why something could not be written, where only writing fails.
    pub(super) fn note_trouble(&mut self, error: &StoreError) {
        self.trouble = error.only_stops_writing().then(|| error.to_string());
    }

    /// Begins something that may be taken back alone.
    pub(crate) fn begin_attempt(&mut self) -> Result<Savepoint, StoreError> {
        self.tx.execute_batch("SAVEPOINT attempt")?;
        Ok(Savepoint { appended: self.appended.len() })
    }

    /// Keeps what was attempted, or takes it back as if it had never been entered.
    pub(crate) fn end_attempt(&mut self, attempt: &Savepoint, keep: bool) -> Result<(), StoreError> {
        if keep {
            self.tx.execute_batch("RELEASE attempt")?;
        } else {
            self.tx.execute_batch("ROLLBACK TO attempt; RELEASE attempt")?;
            self.appended.truncate(attempt.appended);
        }
        Ok(())
    }

    /// The entries that were appended here, oldest first.
    pub fn appended(&self) -> impl Iterator<Item = &Entry> {
        self.appended.iter().map(|recorded| &recorded.entry)
    }

    /// The last entry that was appended here.
    pub fn last(&self) -> Option<&Entry> {
        self.appended.last().map(|recorded| &recorded.entry)
    }
}
