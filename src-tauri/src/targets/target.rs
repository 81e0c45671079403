//! The orders and questions that a target answers.

use domain::id::{DeploymentId, Generation, ReplicaId};
use domain::replica::{ReplicaRecord, Seen};
use domain::resources::Usage;
use domain::target::{Room, Traits};
use futures_util::future::BoxFuture;
use tokio::sync::broadcast;

use super::launch::Launch;
use super::output::Output;

/// The target itself cannot be seen, so nothing is known of any of its replicas.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Unseen {
    /// The reason, in a sentence for people that says what to do.
    pub why: String,
}

/// A replica that a server before this one started, and what was recorded of it.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownReplica {
    /// The launch that it was started with.
    pub launch: Launch,
    /// The record of it as last written.
    pub record: ReplicaRecord,
}

/// An order to a target. Every order can fail, and every order can be repeated: what is done already is not done
/// a second time.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// Start the replica. What still runs under its id is ended first.
    Start(Box<Launch>),
    /// Give the running replica the `user_config` of the launch. Takes as long as its configuration allows
    /// (`reconfigure.timeout_seconds`); whoever does not want to wait any longer drops the future. Whether the replica
    /// has taken it is not known after an error.
    Reconfigure(Box<Launch>),
    /// Begin to end the replica: ask it to finish, and after a grace period do not ask.
    Stop(ReplicaId),
    /// Let go of all that is known of a replica that has ended.
    Forget(ReplicaId),
    /// Let go of what is kept of a deployment beside its replicas, their output above all.
    Clear(DeploymentId),
    /// End every replica, and wait until all have ended or had their grace period: the server ends.
    StopAll,
}

/// The reason why a target did not do what it was told to.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The intent has moved on.
    #[error("generation {given} is older than {known}, which this target has seen already")]
    Outdated {
        /// The generation of the order.
        given: Generation,
        /// The newest seen.
        known: Generation,
    },
    /// The process could not be started.
    #[error("the replica's process could not be started: {0}")]
    Spawn(std::io::Error),
    /// The replica did not take the new `user_config`, and may take it later.
    #[error("the new user_config was not taken: {0}")]
    NotTaken(String),
    /// The replica refused the new `user_config`: it would do so again.
    #[error("the new user_config was refused: {0}")]
    Refused(String),
    /// The target did not do it.
    #[error("{0}")]
    NotDone(String),
    /// The target gave no answer: it may have done it, or do it yet. What it sees of the replica next says so.
    #[error("the target gave no answer: {0}")]
    NoAnswer(String),
    /// Something on the disk or in the system refused.
    #[error("{what}: {source}")]
    System {
        /// The attempt, in a few words.
        what: String,
        /// The answer of the system.
        source: std::io::Error,
    },
}

impl TargetError {
    /// True when every further try would end the same way.
    pub fn is_lasting(&self) -> bool {
        matches!(self, Self::Refused(_))
    }
}

/// A place where replicas run.
///
/// Guarantees asked of an implementation: `look` answers at once from what was last seen, without asking anybody; a
/// change of what is seen, also that the target cannot be seen any more or can be again, is announced through
/// `changes`; a start with a generation older than one seen before is refused; after an order that got no answer, its
/// replica is seen as *unknown* until the target knows what came of it.
pub trait Target: Send + Sync {
    /// The abilities of this target.
    fn traits(&self) -> Traits;

    /// The room that it has for replicas.
    fn room(&self) -> Room;

    /// The last sighting of each of these replicas, in their order; [`Seen::absent`] for one that it never heard of.
    ///
    /// # Errors
    /// [`Unseen`] while the target itself cannot be seen.
    fn look(&self, replicas: &[ReplicaId]) -> Result<Vec<Seen>, Unseen>;

    /// The same of one replica.
    ///
    /// # Errors
    /// [`Unseen`] while the target itself cannot be seen.
    fn observe(&self, replica: &ReplicaId) -> Result<Seen, Unseen> {
        let mut seen = self.look(std::slice::from_ref(replica))?;
        Ok(seen.pop().unwrap_or_else(Seen::absent))
    }

    /// Carries out an order. Nothing happens before the future is polled.
    fn act(&self, order: Order) -> BoxFuture<'_, Result<(), TargetError>>;

    /// Takes over the replicas that a server before this one left running, and ends stray ones. One that cannot be seen
    /// yet does so once it is.
    ///
    /// # Errors
    /// [`TargetError`] when it will not be known what runs.
    fn adopt(&self, known: Vec<KnownReplica>) -> BoxFuture<'_, Result<(), TargetError>>;

    /// The most memory that a running replica has held, in bytes, where the target can tell.
    fn peak_memory(&self, replica: &ReplicaId) -> BoxFuture<'_, Option<u64>>;

    /// What these replicas take of their machine now: those of them that the target can tell of, by default none. Blocks for
    /// a moment.
    fn usage(&self, _replicas: &[ReplicaId]) -> Vec<(ReplicaId, Usage)> {
        Vec::new()
    }

    /// The output of its replicas.
    fn output(&self) -> &dyn Output;

    /// Announces the deployment of a replica of which something else is seen now.
    fn changes(&self) -> broadcast::Receiver<DeploymentId>;
}
