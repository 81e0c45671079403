//! Committed journal entries to whoever listens: the engine, the interface, waiting commands.
//!
//! Guarantees: entries arrive in order, after their transaction has been committed. A listener that is
//! too slow is told so and must read afresh; it never slows the writer down. Whoever listens for notices learns that
//! somebody has another one, or has read one.

use std::sync::Arc;

use domain::event::Entry;
use tokio::sync::{broadcast, watch};

/// Entries that are kept for a slow listener before it is told to read afresh.
const BACKLOG: usize = 4_096;

/// An entry with its hash in the chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// The entry of the journal.
    pub entry: Entry,
    /// SHA-256 over it and the hash of the one before.
    pub hash: String,
}

/// Hands committed entries on. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Events {
    entries: broadcast::Sender<Arc<Recorded>>,
    /// How often notices have changed since the start.
    notices: watch::Sender<u64>,
}

impl Default for Events {
    fn default() -> Self {
        Self { entries: broadcast::channel(BACKLOG).0, notices: watch::Sender::new(0) }
    }
}

impl Events {
    /// Listens from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Recorded>> {
        self.entries.subscribe()
    }

    /// Listens for changes of notices from now on; the value counts them since the start.
    pub fn subscribe_to_notices(&self) -> watch::Receiver<u64> {
        self.notices.subscribe()
    }

    /// To be called after the commit, in order.
    pub(crate) fn publish(&self, recorded: Recorded) {
        // Nobody listening is no error.
        let _ = self.entries.send(Arc::new(recorded));
    }

    /// To be called after the commit of a transaction that has changed notices.
    pub(crate) fn notices_changed(&self) {
        self.notices.send_modify(|count| *count += 1);
    }
}
