//! The deployments whose requests a stream of events tells of, beside the entries: those that somebody looks at.
//!
//! # Flow
//! A page gives its stream a name, opens it, and says to that name which deployments it shows, as often as they change. The
//! stream looks at their requests every two seconds and tells of those that have changed.
//!
//! # Guarantees
//! - Only who opened a stream says what it tells of, and it tells nothing that they may not read at that moment.
//! - A stream without deployments to tell of costs nothing.

use std::collections::{BTreeMap, HashMap};
use std::future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::id::{Actor, DeploymentId, StreamName};
use domain::wire::{ErrorCode, Traffic};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::commands::Refusal;

/// Most deployments that a stream tells of, or one question asks for: a tall window has fewer rows.
const MOST_WATCHED: usize = 200;
/// The time between two looks.
const BETWEEN: Duration = Duration::from_secs(2);

/// Whose stream, and its name.
type Owned = (Actor, StreamName);
type Wanted = watch::Sender<LookedAt>;

/// The deployments that somebody looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LookedAt {
    /// Those whose requests they see, at most 200.
    pub(crate) deployments: Vec<DeploymentId>,
    /// The one of them whose replicas they see one by one.
    pub(crate) replicas_of: Option<DeploymentId>,
}

impl LookedAt {
    /// Refuses too many.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        if self.deployments.len() > MOST_WATCHED { Err(too_many("deployments")) } else { Ok(()) }
    }
}

/// The streams that are open under a name.
#[derive(Default)]
pub(super) struct NamedStreams(Mutex<HashMap<Owned, Wanted>>);

impl NamedStreams {
    fn all(&self) -> MutexGuard<'_, HashMap<Owned, Wanted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says which deployments a stream is to tell of, in place of those before.
    ///
    /// # Errors
    /// `invalid_field` for too many, `not_found` when no such stream is open.
    pub(super) fn watch(&self, owned: &Owned, looked_at: LookedAt) -> Result<(), Refusal> {
        looked_at.check()?;
        let all = self.all();
        let Some(wanted) = all.get(owned) else {
            let detail = "You have no open stream of events with this name. Open GET /events?stream=NAME first.";
            return Err(Refusal::new(ErrorCode::NotFound, detail));
        };
        // One that has just closed needs nothing.
        let _ = wanted.send(looked_at);
        Ok(())
    }
}

/// One stream's side: what it is to tell of, and what it has told.
pub(super) struct Watched {
    streams: Arc<NamedStreams>,
    owned: Owned,
    wanted: watch::Receiver<LookedAt>,
    told: BTreeMap<DeploymentId, Traffic>,
    next_look: Instant,
}

impl Watched {
    /// Opens a stream under a name. One that its reader had opened under that name before tells nothing more.
    pub(super) fn open(streams: Arc<NamedStreams>, owned: Owned) -> Self {
        let (sender, wanted) = watch::channel(LookedAt::default());
        streams.all().insert(owned.clone(), sender);
        Self { streams, owned, wanted, told: BTreeMap::new(), next_look: Instant::now() }
    }

    /// Waits until it is time for a look.
    pub(super) async fn due(this: &mut Option<Self>) {
        let Some(this) = this else { return future::pending().await };
        loop {
            let idle = this.wanted.borrow_and_update().deployments.is_empty();
            let next = async { if idle { future::pending().await } else { sleep_until(this.next_look).await } };
            tokio::select! {
                () = next => break,
                changed = this.wanted.changed() => match changed {
                    Ok(()) => this.next_look = Instant::now(),
                    // Another stream has its name.
                    Err(_) => return future::pending().await,
                },
            }
        }
        this.next_look = Instant::now() + BETWEEN;
    }

    /// The deployments to look at.
    pub(super) fn wanted(&self) -> LookedAt {
        self.wanted.borrow().clone()
    }

    /// Of what was seen at a look, that which was not told yet.
    pub(super) fn news(&mut self, seen: BTreeMap<DeploymentId, Traffic>) -> BTreeMap<DeploymentId, Traffic> {
        let is_news = |(id, traffic): &(&DeploymentId, &Traffic)| self.told.get(*id) != Some(*traffic);
        let news = seen.iter().filter(is_news).map(|(id, traffic)| (id.clone(), traffic.clone())).collect();
        self.told = seen;
        news
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let mut all = self.streams.all();
        // The name may belong to a later stream by now.
        if self.wanted.has_changed().is_ok() {
            all.remove(&self.owned);
        }
    }
}

/// The refusal of more deployments than are looked at together.
fn too_many(field: &'static str) -> Refusal {
    Refusal::invalid(field, format!("{field}: name at most {MOST_WATCHED} ids in one request."))
}
