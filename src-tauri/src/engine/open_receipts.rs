//! Receipts of the rollouts in progress: the gateway's count since each began (CO-5).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::id::{DeploymentId, RolloutNumber};
use domain::ledger::Rollout;
use domain::receipt::Receipt;
use domain::rollout::Phase;

use super::routing::Routing;
use crate::gateway::receipt_between;

struct OpenReceipt {
    rollout: RolloutNumber,
    /// Counted before this process began to count.
    carried: Receipt,
    /// The gateway's tally when the receipt was opened.
    opened_at: Receipt,
}

impl OpenReceipt {
    /// The receipt by this tally of the gateway.
    fn by(&self, tally: &Receipt) -> Receipt {
        self.carried.plus(&receipt_between(&self.opened_at, tally))
    }
}

/// The open receipt of each deployment with a rollout in progress.
#[derive(Default)]
pub(super) struct OpenReceipts(Mutex<HashMap<DeploymentId, OpenReceipt>>);

impl OpenReceipts {
    fn open(&self) -> MutexGuard<'_, HashMap<DeploymentId, OpenReceipt>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the receipt of another rollout than `rollout`, the one in progress: it was superseded. Gives its final
    /// counts.
    pub(super) fn close_superseded(
        &self,
        tally: &Receipt,
        id: &DeploymentId,
        rollout: Option<RolloutNumber>,
    ) -> Option<(RolloutNumber, Receipt)> {
        let mut all = self.open();
        let open = all.get(id).filter(|open| Some(open.rollout) != rollout)?;
        let closed = (open.rollout, open.by(tally));
        all.remove(id);
        Some(closed)
    }

    /// The receipt of `rollout` so far. Opens it when it is not open: for a rollout that is about to begin, from `tally`
    /// on; for one that a server before this one began, from what it recorded. With the tally that closed the receipt of a
    /// superseded rollout, every request is in one receipt.
    pub(super) fn receipt(
        &self,
        routing: &dyn Routing,
        tally: &Receipt,
        id: &DeploymentId,
        rollout: &Rollout,
    ) -> Receipt {
        let mut all = self.open();
        if let Some(open) = all.get(id).filter(|open| open.rollout == rollout.number) {
            return open.by(tally);
        }
        let begins = rollout.phase == Phase::Pending;
        if begins {
            routing.clear_longest_drain(id);
        }
        let opened_at = if begins { tally.clone() } else { Receipt::default() };
        let open = OpenReceipt { rollout: rollout.number, carried: rollout.receipt.clone(), opened_at };
        // The tally of one that begins still shows the longest drain from before.
        let receipt = if begins { open.carried.clone() } else { open.by(tally) };
        all.insert(id.clone(), open);
        receipt
    }

    /// The receipt so far, if that of `rollout` is open; opens none.
    pub(super) fn peek(&self, routing: &dyn Routing, id: &DeploymentId, rollout: RolloutNumber) -> Option<Receipt> {
        let all = self.open();
        let open = all.get(id).filter(|open| open.rollout == rollout)?;
        Some(open.by(&routing.tally(id)))
    }

    /// True while the receipt of any of its rollouts is open.
    pub(super) fn is_open(&self, id: &DeploymentId) -> bool {
        self.open().contains_key(id)
    }

    pub(super) fn close(&self, id: &DeploymentId) {
        self.open().remove(id);
    }
}
