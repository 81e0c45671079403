//! Where a replica stands between its start and its end.

use tokio::sync::watch;

/// One step of a replica's life; it only goes forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// The model is being loaded, or the program started.
    Starting,
    /// It takes requests.
    Serving,
    /// It takes no more requests and finishes those that run.
    Draining,
}

/// The phase, for everyone who asks or waits for it.
#[derive(Clone)]
pub(super) struct Life(watch::Sender<Phase>);

impl Life {
    /// A replica that starts.
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(Phase::Starting))
    }

    /// Where it stands.
    pub(super) fn phase(&self) -> Phase {
        *self.0.borrow()
    }

    /// Goes on to `next`, unless it is further already.
    pub(super) fn advance(&self, next: Phase) {
        self.0.send_if_modified(|phase| {
            let forward = next > *phase;
            if forward {
                *phase = next;
            }
            forward
        });
    }

    /// Returns when it drains.
    pub(super) async fn draining(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|phase| *phase == Phase::Draining).await;
    }
}
