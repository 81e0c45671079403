//! The rollout engine: brings what runs to what is intended, one step at a time.
//!
//! Flow: committed events, the target, the gateway and the clock put a deployment's key in the [`queue`];
//! a [`pass`] over it loads, looks, plans, takes the first step and says when to look again. What autoscaling asks for
//! is looked at in between, in memory alone; it asks for a pass only when the number may have to change ([`scale`]).
//!
//! Guarantees: at most one pass over a deployment at a time. Nothing is remembered here that the journal
//! and an observation cannot give back, except the receipts' running counts ([`open_receipts`]).
//!
//! Assumptions: this is the only engine on the data directory (the server holds its lock).
//!
//! Errors: a pass that fails is tried again after a pause that grows ([`retry`]); the reason is logged.

mod act;
mod autoscaler;
mod core;
mod credential;
mod error;
mod next_pass;
mod open_receipts;
mod pass;
mod queue;
mod record;
mod retry;
pub mod routing;
mod run;
mod scale;
mod sight;
mod skips;
mod slots;
mod turns;
mod unrecorded;

use std::collections::HashMap;
use std::sync::Arc;

use domain::id::{Actor, DeploymentId, RolloutNumber, TargetName};
use domain::receipt::Receipt;
use domain::replica::ReplicaRecord;
use tokio::sync::broadcast;

use self::core::{Core, NewReplica};
use crate::clock::Clock;
use crate::store::Store;
use crate::targets::{KnownReplica, Targets};
use autoscaler::Autoscaler;
pub use error::EngineError;
use open_receipts::OpenReceipts;
use routing::Routing;
use skips::Skips;
use turns::Turns;
use unrecorded::Unrecorded;

/// The engine. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Engine(Arc<Core>);

/// The parts that an engine is made of.
pub struct Parts {
    /// The database with the declared intent and the journal.
    pub store: Arc<Store>,
    /// The places in which replicas run.
    pub targets: Arc<Targets>,
    /// The gateway, which spreads requests over the replicas.
    pub routing: Arc<dyn Routing>,
    /// The source of the current time.
    pub clock: Clock,
    /// The actor on whose behalf the engine acts.
    pub actor: Actor,
    /// Makes the id of a replica that nobody had before.
    pub new_replica: Box<NewReplica>,
}

impl Engine {
    /// Puts the engine together; nothing happens yet.
    pub fn new(parts: Parts) -> Self {
        let Parts { store, targets, routing, clock, actor, new_replica } = parts;
        let (receipts, autoscaler) = (OpenReceipts::default(), Autoscaler::default());
        let (unrecorded, turns) = (Unrecorded::default(), Turns::default());
        Self(Arc::new(Core {
            store,
            targets,
            routing,
            clock,
            skips: Skips::default(),
            actor,
            receipts,
            autoscaler,
            unrecorded,
            turns,
            new_replica,
            broken_off: broadcast::channel(16).0,
        }))
    }

    /// These replicas as they were last seen, also where that observation is not recorded.
    pub fn seen(&self, recorded: Vec<ReplicaRecord>) -> Vec<ReplicaRecord> {
        let seen = |record: ReplicaRecord| self.0.unrecorded.of(&record.id).unwrap_or(record);
        recorded.into_iter().map(seen).collect()
    }

    /// The receipt of a rollout in progress, so far.
    pub fn receipt(&self, id: &DeploymentId, rollout: RolloutNumber) -> Option<Receipt> {
        self.0.receipts.peek(self.0.routing.as_ref(), id, rollout)
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
            let mut known: HashMap<TargetName, Vec<KnownReplica>> = HashMap::new();
            for deployment in reading.deployments()? {
                let Some(view) = reading.at_work(&deployment.id)? else { continue };
                for record in &view.replicas {
                    let launch = core.launch_of(&view, record)?;
                    known
                        .entry(deployment.target.clone())
                        .or_default()
                        .push(KnownReplica { launch, record: record.clone() });
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
}
