//! Receipts of the rollouts in progress: the gateway's count since each began (CO-5).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::id::{DeploymentId, RolloutNumber};
use domain::receipt::Receipt;
use domain::rollout::Phase;

use super::routing::Routing;
use crate::gateway::receipt_between;
use domain::ledger::Rollout;

struct Book {
    rollout: RolloutNumber,
    /// Counted before this process began to count.
    carried: Receipt,
    /// The gateway's tally when the book was opened.
    opened_at: Receipt,
}

/// One open book for each deployment with a rollout in progress.
#[derive(Default)]
pub(super) struct Books(Mutex<HashMap<DeploymentId, Book>>);

impl Books {
    fn books(&self) -> MutexGuard<'_, HashMap<DeploymentId, Book>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the book of another rollout than `rollout`, the one in progress: it was superseded. Gives its final receipt.
    pub(super) fn close_superseded(
        &self,
        tally: &Receipt,
        id: &DeploymentId,
        rollout: Option<RolloutNumber>,
    ) -> Option<(RolloutNumber, Receipt)> {
        let mut books = self.books();
        let book = books.get(id).filter(|book| Some(book.rollout) != rollout)?;
        let receipt = book.carried.plus(&receipt_between(&book.opened_at, tally));
        let number = book.rollout;
        books.remove(id);
        Some((number, receipt))
    }

    /// The receipt of `rollout` so far. Opens the book when there is none: for a rollout that is about to
    /// begin, from `tally` on; for one that a server before this one began, from what it recorded. With the tally
    /// that closed the book of a superseded rollout, every request is in one receipt.
    pub(super) fn receipt(
        &self,
        routing: &dyn Routing,
        tally: &Receipt,
        id: &DeploymentId,
        rollout: &Rollout,
    ) -> Receipt {
        let mut books = self.books();
        let known = books.get(id).is_some_and(|book| book.rollout == rollout.number);
        if !known {
            let begins = rollout.phase == Phase::Pending;
            if begins {
                routing.clear_longest_drain(id);
            }
            let opened_at = if begins { tally.clone() } else { Receipt::default() };
            books.insert(id.clone(), Book { rollout: rollout.number, carried: rollout.receipt.clone(), opened_at });
            if begins {
                // The tally still shows the longest drain from before.
                return rollout.receipt.clone();
            }
        }
        match books.get(id) {
            Some(book) => book.carried.plus(&receipt_between(&book.opened_at, tally)),
            None => rollout.receipt.clone(),
        }
    }

    /// The receipt so far, if the book of `rollout` is open; opens none.
    pub(super) fn peek(&self, routing: &dyn Routing, id: &DeploymentId, rollout: RolloutNumber) -> Option<Receipt> {
        let books = self.books();
        let book = books.get(id).filter(|book| book.rollout == rollout)?;
        Some(book.carried.plus(&receipt_between(&book.opened_at, &routing.tally(id))))
    }

    /// Whether there is a book of any rollout.
    pub(super) fn is_open(&self, id: &DeploymentId) -> bool {
        self.books().contains_key(id)
    }

    pub(super) fn close(&self, id: &DeploymentId) {
        self.books().remove(id);
    }
}
