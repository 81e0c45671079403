//! The gate in front of one replica: how many requests are in flight, and whether it is closed.
//!
//! Both live in one atomic word, together with an epoch, so that they can only change together:
//!
//! ```text
//! bit 63: closed | bits 62..32: epoch | bits 31..0: requests in flight
//! ```
//!
//! Guarantees: after `close` returns, `enter` fails for good (until `reopen`), so once the count reads
//! 0 no request can reach the replica. An `enter` with an epoch from before the last `relabel` or
//! `reopen` fails too: whoever holds an old routing snapshot has to look at the current one.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

const CLOSED: u64 = 1 << 63;
const EPOCH_ONE: u64 = 1 << 32;
const EPOCH: u64 = (CLOSED - 1) & !(EPOCH_ONE - 1);
const COUNT: u64 = EPOCH_ONE - 1;

/// The labelling of the replica that a snapshot was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Epoch(u64);

/// The reasons why a request may not enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shut {
    /// Closed, or open for a newer epoch: the snapshot is out of date.
    Stale,
    /// As many requests as allowed are in flight.
    Full,
}

/// One replica's gate; see the module.
#[derive(Debug, Default)]
pub(super) struct Gate(AtomicU64);

impl Gate {
    /// Requests in flight, or `None` when a holder of `epoch` may not enter at all.
    pub(super) fn load(&self, epoch: Epoch) -> Option<u32> {
        let state = self.0.load(SeqCst);
        (state & !COUNT == epoch.0).then_some((state & COUNT) as u32)
    }

    /// Takes one of `limit` places.
    pub(super) fn enter(&self, epoch: Epoch, limit: u32) -> Result<(), Shut> {
        let mut state = self.0.load(SeqCst);
        loop {
            if state & !COUNT != epoch.0 {
                return Err(Shut::Stale);
            }
            if state & COUNT >= u64::from(limit) {
                return Err(Shut::Full);
            }
            match self.0.compare_exchange_weak(state, state + 1, SeqCst, SeqCst) {
                Ok(_) => return Ok(()),
                Err(now) => state = now,
            }
        }
    }

    /// Gives a place back; true when it was the last one of a closed gate.
    pub(super) fn leave(&self) -> bool {
        let before = self.0.fetch_sub(1, SeqCst);
        debug_assert!(before & COUNT > 0, "left a gate that nobody had entered");
        before & CLOSED != 0 && before & COUNT == 1
    }

    /// Lets nobody in any more; says how many are still inside.
    pub(super) fn close(&self) -> u32 {
        (self.0.fetch_or(CLOSED, SeqCst) & COUNT) as u32
    }

    /// Starts a new epoch, open: who holds an older one may not enter.
    pub(super) fn reopen(&self) -> Epoch {
        let mut state = self.0.load(SeqCst);
        loop {
            let epoch = (state & EPOCH).wrapping_add(EPOCH_ONE) & EPOCH;
            match self.0.compare_exchange_weak(state, epoch | state & COUNT, SeqCst, SeqCst) {
                Ok(_) => return Epoch(epoch),
                Err(now) => state = now,
            }
        }
    }

    /// Requests in flight.
    pub(super) fn in_flight(&self) -> u32 {
        (self.0.load(SeqCst) & COUNT) as u32
    }

    /// Closed and empty: nothing reaches the replica and nothing is left.
    pub(super) fn drained(&self) -> bool {
        let state = self.0.load(SeqCst);
        state & CLOSED != 0 && state & COUNT == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_lets_in_as_many_as_allowed() {
        let gate = Gate::default();
        let epoch = gate.reopen();
        assert_eq!(gate.enter(epoch, 2), Ok(()));
        assert_eq!(gate.enter(epoch, 2), Ok(()));
        assert_eq!(gate.enter(epoch, 2), Err(Shut::Full));
        assert!(!gate.leave());
        assert_eq!(gate.enter(epoch, 2), Ok(()));
        assert_eq!(gate.load(epoch), Some(2));
    }

    #[test]
    fn a_closed_gate_lets_nobody_in_and_tells_the_last_one_out() {
        let gate = Gate::default();
        let epoch = gate.reopen();
        gate.enter(epoch, 9).unwrap();
        gate.enter(epoch, 9).unwrap();
        assert_eq!(gate.close(), 2);
        assert_eq!(gate.enter(epoch, 9), Err(Shut::Stale));
        assert_eq!(gate.load(epoch), None);
        assert!(!gate.leave());
        assert!(!gate.drained());
        assert!(gate.leave());
        assert!(gate.drained());
    }

    #[test]
    fn an_old_epoch_never_enters_again() {
        let gate = Gate::default();
        let old = gate.reopen();
        gate.enter(old, 9).unwrap();
        gate.close();
        let new = gate.reopen();
        assert_eq!(gate.in_flight(), 1, "who was inside stays inside");
        assert_eq!(gate.enter(old, 9), Err(Shut::Stale));
        assert_eq!(gate.enter(new, 9), Ok(()));
    }

    #[test]
    fn after_closing_and_emptying_no_thread_gets_in() {
        for _ in 0..100 {
            let gate = Gate::default();
            let epoch = gate.reopen();
            let over = std::sync::atomic::AtomicBool::new(false);
            std::thread::scope(|scope| {
                for _ in 0..3 {
                    scope.spawn(|| {
                        loop {
                            match gate.enter(epoch, 2) {
                                Ok(()) => {
                                    assert!(!over.load(SeqCst), "entered after it was closed and empty");
                                    assert!(gate.in_flight() <= 2, "more inside than allowed");
                                    gate.leave();
                                }
                                Err(Shut::Full) => std::thread::yield_now(),
                                Err(Shut::Stale) => break,
                            }
                        }
                    });
                }
                std::thread::yield_now();
                gate.close();
                while gate.in_flight() > 0 {
                    std::thread::yield_now();
                }
                over.store(true, SeqCst);
            });
        }
    }
}
