//! Committed journal entries to whoever listens: the engine, the interface, waiting commands.
//!
//! Guarantees: entries arrive in order, after their transaction has been committed. A listener that is
//! too slow is told so and must read afresh; it never slows the writer down.

use std::sync::Arc;

use domain::event::Entry;
use tokio::sync::broadcast;

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
pub struct Events(broadcast::Sender<Arc<Recorded>>);

impl Default for Events {
    fn default() -> Self {
        Self(broadcast::channel(BACKLOG).0)
    }
}

impl Events {
    /// Listens from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Recorded>> {
        self.0.subscribe()
    }

    /// To be called after the commit, in order.
    pub(crate) fn publish(&self, recorded: Recorded) {
        // Nobody listening is no error.
        let _ = self.0.send(Arc::new(recorded));
    }
}
