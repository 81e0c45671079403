//! The rollout engine: brings what runs to what is intended, one step at a time.
//!
//! Flow: committed events, the target, the gateway and the clock put a deployment's key in the [`queue`];
//! a [`pass`] over it loads, looks, plans, takes the first step and says when to look again. What autoscaling asks for
//! is looked at in between, in memory alone; it asks for a pass only when the number may have to change ([`scale`]).
//!
//! Guarantees: at most one pass over a deployment at a time. Nothing is remembered here that the journal
//! and an observation cannot give back, except the receipts' running counts ([`books`]).
//!
//! Assumptions: this is the only engine on the data directory (the server holds its lock).
//!
//! Errors: a pass that fails is tried again after a pause that grows ([`retry`]); the reason is logged.

mod act;
mod books;
mod credential;
mod pass;
mod queue;
mod record;
mod retry;
pub mod routing;
mod scale;
mod sight;
mod slots;
mod unrecorded;
mod view;

use std::collections::HashMap;
use std::sync::Arc;

use domain::event::Event;
use domain::id::{Actor, DeploymentId, ModelRef, ReplicaId, RevisionNumber, RolloutNumber, TargetName};
use domain::receipt::Receipt;
use domain::replica::ReplicaRecord;
use domain::rollout::{NotPossible, RolloutEvent};
use jiff::Timestamp;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::store::{Store, StoreError};
use crate::targets::{Known, TargetError, Targets};
use books::Books;
use pass::{Look, NewReplica};
use queue::Queue;
use routing::Routing;
use scale::{Glance, Trends};
use sight::Turns;
use slots::{Slot, Slots};
use unrecorded::Unrecorded;

/// Why a pass could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The target refused.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// A pass came upon something that it takes for impossible.
    #[error("the pass broke off: this is a defect of the program")]
    Panicked,
    /// A rollout was to do something its phase has no place for.
    #[error(transparent)]
    NotPossible(#[from] NotPossible),
    /// The plan names a replica that is not recorded.
    #[error("replica {0} is planned for, but not recorded")]
    NoSuchReplica(ReplicaId),
    /// A revision has no configuration.
    #[error("revision {0} has no configuration")]
    NoConfiguration(RevisionNumber),
    /// A configuration binds a model that is not registered.
    #[error("model {0} is not registered")]
    NoModel(ModelRef),
}

/// What every pass works with.
struct Core {
    store: Arc<Store>,
    targets: Arc<Targets>,
    routing: Arc<dyn Routing>,
    clock: Clock,
    actor: Actor,
    books: Books,
    trends: Trends,
    unrecorded: Unrecorded,
    turns: Turns,
    new_replica: Box<NewReplica>,
    /// Deployments of which something else is wanted than what a replica is being given.
    broken_off: broadcast::Sender<DeploymentId>,
}

/// Works on a deployment once there is a slot; none when the engine ends before.
async fn in_slot<R: Send + 'static>(
    slots: Slots,
    core: Arc<Core>,
    id: DeploymentId,
    work: fn(&Core, &DeploymentId, Slot) -> Result<R, EngineError>,
) -> Option<(DeploymentId, Result<R, EngineError>)> {
    let touched = id.clone();
    // A defect met with one deployment must not stop the others, nor this one for good.
    let outcome = slots.work(move |slot| work(&core, &touched, slot)).await?;
    Some((id, outcome.unwrap_or(Err(EngineError::Panicked))))
}

/// Whether a pass that waits for a replica to take a `user_config` waits for what nobody wants any more.
fn ends_a_delivery(event: &Event) -> bool {
    match event {
        Event::DeleteRequested { .. } | Event::Deactivated { .. } | Event::RolloutStarted { .. } => true,
        Event::RolloutMoved { event, .. } => *event == RolloutEvent::Cancel,
        _ => false,
    }
}

/// The engine. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Engine(Arc<Core>);

/// What an engine is made of.
pub struct Parts {
    /// Where intent is kept.
    pub store: Arc<Store>,
    /// Where replicas run.
    pub targets: Arc<Targets>,
    /// Who spreads requests over them.
    pub routing: Arc<dyn Routing>,
    /// What time it is.
    pub clock: Clock,
    /// On whose behalf the engine acts.
    pub actor: Actor,
    /// Makes the id of a replica that nobody had before.
    pub new_replica: Box<NewReplica>,
}

impl Engine {
    /// Puts it together; nothing happens yet.
    pub fn new(parts: Parts) -> Self {
        let Parts { store, targets, routing, clock, actor, new_replica } = parts;
        let (books, trends) = (Books::default(), Trends::default());
        let (unrecorded, turns) = (Unrecorded::default(), Turns::default());
        Self(Arc::new(Core {
            store,
            targets,
            routing,
            clock,
            actor,
            books,
            trends,
            unrecorded,
            turns,
            new_replica,
            broken_off: broadcast::channel(16).0,
        }))
    }

    /// What was last seen of these replicas, also where it is not recorded.
    pub fn seen(&self, recorded: Vec<ReplicaRecord>) -> Vec<ReplicaRecord> {
        let seen = |record: ReplicaRecord| self.0.unrecorded.of(&record.id).unwrap_or(record);
        recorded.into_iter().map(seen).collect()
    }

    /// The receipt of a rollout in progress, so far.
    pub fn receipt(&self, id: &DeploymentId, rollout: RolloutNumber) -> Option<Receipt> {
        self.0.books.peek(self.0.routing.as_ref(), id, rollout)
    }

    /// Takes over what a server before this one left running, and routes to it. To be called once, before [`run`](Self::run).
    ///
    /// # Errors
    /// The store cannot be read, or it cannot be seen what runs.
    pub async fn adopt(&self) -> Result<(), EngineError> {
        let core = &self.0;
        if let Err(error) = core.attend() {
            tracing::warn!(%error, "the time in which no server ran counts for the deadlines of rollouts");
        }
        let mut known = core.store.read(|reading| {
            let mut known: HashMap<TargetName, Vec<Known>> = HashMap::new();
            for deployment in reading.deployments()? {
                let Some(view) = view::view(reading, &deployment.id)? else { continue };
                for record in &view.replicas {
                    let launch = core.launch_of(&view, record)?;
                    known.entry(deployment.target.clone()).or_default().push(Known { launch, record: record.clone() });
                }
            }
            Ok::<_, EngineError>(known)
        })?;
        for (name, target) in core.targets.all() {
            // Also where nothing is known: strays are ended.
            target.adopt(known.remove(name).unwrap_or_default()).await?;
        }
        // Whoever asks from now on finds the replicas that run, before the first pass has been made.
        for id in core.store.read(|reading| reading.deployments())?.into_iter().map(|deployment| deployment.id) {
            // One that cannot be read or written keeps nobody from the others; its first pass tries again.
            if let Err(error) = core.see(&id) {
                tracing::error!(
                    deployment = %id,
                    %error,
                    "the replicas of this deployment could not be routed to at the start; its first pass tries again"
                );
            }
        }
        Ok(())
    }

    /// Works until it is told to end. Passes that are under way are finished.
    pub async fn run(self, end: CancellationToken) {
        let mut committed = self.0.store.events().subscribe();
        let mut seen = self.0.targets.changes();
        let mut drained = self.0.routing.drained();
        let mut queue = Queue::new();
        let mut glances = Queue::new();
        let mut asides = Queue::new();
        let mut looks: JoinSet<Option<(DeploymentId, Result<(), EngineError>)>> = JoinSet::new();
        let mut passes: JoinSet<Option<(DeploymentId, Result<Look, EngineError>)>> = JoinSet::new();
        let (pass_slots, look_slots) = (Slots::of_passes(), Slots::of_looks());
        let mut failures: HashMap<DeploymentId, u32> = HashMap::new();
        self.ask_for_all(&mut queue);
        loop {
            let asked = tokio::select! {
                biased;
                () = end.cancelled() => break,
                Some(Ok(Some((id, look)))) = passes.join_next() => {
                    // One that failed comes again by itself, and not before its pause is over.
                    if look.is_ok() && let Some(at) = self.0.trends.due(&id) {
                        glances.ask(id.clone(), self.instant(at));
                    }
                    let due = self.due(&id, look, &mut failures);
                    queue.done(id, due);
                    continue;
                }
                event = committed.recv() => event.map(|recorded| {
                    let deployment = recorded.entry.deployment.clone();
                    if let Some(id) = deployment.as_ref().filter(|_| ends_a_delivery(&recorded.entry.event)) {
                        // Nobody listens while no replica is told.
                        let _ = self.0.broken_off.send(id.clone());
                    }
                    deployment
                }),
                id = seen.next() => {
                    // A pass that is under way may wait for the disk, or for another program that locks the database.
                    if let Ok(id) = &id && queue.is_running(id) {
                        asides.ask(id.clone(), Instant::now());
                    }
                    id.map(Some)
                }
                id = drained.recv() => id.map(Some),
                Some(Ok(Some((id, seen)))) = looks.join_next() => {
                    if let Err(error) = seen {
                        tracing::warn!(deployment = %id, %error, "the route could not be updated with what was last seen of the replicas");
                    }
                    asides.done(id, None);
                    continue;
                }
                id = asides.next() => {
                    // Routes by what is seen now, whatever a pass waits for. Where that fails, the pass looks again.
                    looks.spawn(in_slot(look_slots.clone(), self.0.clone(), id, |core, id, _| core.see(id)));
                    continue;
                }
                id = glances.next() => {
                    match self.0.glance(&id, self.0.clock.now()) {
                        Glance::Over => glances.done(id, None),
                        Glance::At(at) => glances.done(id, Some(self.instant(at))),
                        Glance::Pass => {
                            queue.ask(id.clone(), Instant::now());
                            glances.done(id, None);
                        }
                    }
                    continue;
                }
                id = queue.next() => {
                    passes.spawn(in_slot(pass_slots.clone(), self.0.clone(), id, Core::pass));
                    continue;
                }
            };
            match asked {
                Ok(Some(id)) => queue.ask(id, Instant::now()),
                Ok(None) => {}
                Err(RecvError::Lagged(_)) => self.ask_for_all(&mut queue),
                Err(RecvError::Closed) => break,
            }
        }
        pass_slots.close();
        while passes.join_next().await.is_some() {}
    }

    fn ask_for_all(&self, queue: &mut Queue<DeploymentId>) {
        match self.0.store.read(|reading| reading.readable_deployments()) {
            Ok(deployments) => {
                for deployment in deployments {
                    queue.ask(deployment.id, Instant::now());
                }
            }
            Err(error) => tracing::error!(%error, "the deployments cannot be read"),
        }
    }

    /// The instant of a time of day; now for one that is past.
    fn instant(&self, at: Timestamp) -> Instant {
        Instant::now() + at.duration_since(self.0.clock.now()).try_into().unwrap_or_default()
    }

    /// When a deployment is to be looked at again.
    fn due(
        &self,
        id: &DeploymentId,
        look: Result<Look, EngineError>,
        failures: &mut HashMap<DeploymentId, u32>,
    ) -> Option<Instant> {
        match look {
            Ok(look) => {
                failures.remove(id);
                match look {
                    Look::Again => Some(Instant::now()),
                    Look::At(at) => Some(self.instant(at)),
                    Look::WhenSomethingChanges => None,
                }
            }
            Err(error) => {
                let count = failures.entry(id.clone()).and_modify(|n| *n += 1).or_insert(1);
                let pause = retry::pause(*count);
                tracing::warn!(deployment = %id, %error, ?pause, "a pass failed and is tried again");
                Some(Instant::now() + pause)
            }
        }
    }
}
