//! A replica's stage between its start and its end.

use tokio::sync::watch;

/// One step of a replica's life; it only goes forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LifeStage {
    /// The model is being loaded, or the program started.
    Starting,
    /// The replica takes requests.
    Serving,
    /// The replica takes no more requests and finishes those that run.
    Draining,
}

/// The activity of a replica before it serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Activity {
    /// In a few words.
    pub(super) what: String,
    /// Something is made ready that may take long: a package is unpacked, an environment built.
    pub(super) prepares: bool,
}

/// The stage, for everyone who asks or waits for it, and the activity meanwhile.
#[derive(Clone)]
pub(super) struct Life {
    phase: watch::Sender<LifeStage>,
    doing: watch::Sender<Activity>,
}

impl Life {
    /// A replica that starts.
    pub(super) fn new() -> Self {
        let doing = Activity { what: "it is starting".to_owned(), prepares: false };
        Self { phase: watch::Sender::new(LifeStage::Starting), doing: watch::Sender::new(doing) }
    }

    /// The stage of the replica.
    pub(super) fn phase(&self) -> LifeStage {
        *self.phase.borrow()
    }

    /// The activity of the replica before it serves.
    pub(super) fn doing(&self) -> Activity {
        self.doing.borrow().clone()
    }

    /// Notes the activity of the replica.
    pub(super) fn does(&self, what: &str) {
        self.doing.send_replace(Activity { what: what.to_owned(), prepares: false });
    }

    /// Says what it makes ready now, which may take long.
    pub(super) fn prepares(&self, what: &str) {
        self.doing.send_replace(Activity { what: what.to_owned(), prepares: true });
    }

    /// The result of `work`; none when the replica drains first.
    pub(super) async fn unless_draining<T, E>(&self, work: impl Future<Output = Result<T, E>>) -> Result<Option<T>, E> {
        tokio::select! {
            done = work => done.map(Some),
            () = self.draining() => Ok(None),
        }
    }

    /// Goes on to `next`, unless it is further already.
    pub(super) fn advance(&self, next: LifeStage) {
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
        let _ = self.phase.subscribe().wait_for(|phase| *phase == LifeStage::Draining).await;
    }
}
