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

/// The phase, for everyone who asks or waits for it, and what is being done meanwhile.
#[derive(Clone)]
pub(super) struct Life {
    phase: watch::Sender<Phase>,
    doing: watch::Sender<String>,
}

impl Life {
    /// A replica that starts.
    pub(super) fn new() -> Self {
        Self { phase: watch::Sender::new(Phase::Starting), doing: watch::Sender::new("it is starting".to_owned()) }
    }

    /// Where it stands.
    pub(super) fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// What it does before it serves, in a few words.
    pub(super) fn doing(&self) -> String {
        self.doing.borrow().clone()
    }

    /// Says what it does now.
    pub(super) fn does(&self, what: &str) {
        self.doing.send_replace(what.to_owned());
    }

    /// Goes on to `next`, unless it is further already.
    pub(super) fn advance(&self, next: Phase) {
        self.phase.send_if_modified(|phase| {
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
        let _ = self.phase.subscribe().wait_for(|phase| *phase == Phase::Draining).await;
    }
}
