//! Where replicas run. The engine knows only [`Target`]; what it touches is behind it.

pub mod fake;
pub mod local;

use std::path::PathBuf;

use domain::configuration::Configuration;
use domain::id::{DeploymentId, DeploymentName, Digest, Generation, ModelRef, ReplicaId, RevisionNumber};
use domain::model::{CustomPackage, PackageKind, Packing, RegisteredModel, Signature};
use domain::replica::{Address, Observed, Process, ReplicaRecord};
use domain::resources::Machine;
use tokio::sync::broadcast;

/// The package of a registered model, as far as running it goes.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelFile {
    /// Which model version it is.
    pub model: ModelRef,
    /// Where its artifact is kept.
    pub path: PathBuf,
    /// What the artifact must hash to.
    pub digest: Digest,
    /// What kind of package it is.
    pub kind: PackageKind,
    /// How the artifact's bytes are to be taken.
    pub packing: Packing,
    /// Path of the model inside the package's folder; empty when the package is the model.
    pub entry: String,
    /// What it takes and gives.
    pub signature: Signature,
    /// How a custom package is run.
    pub custom: Option<CustomPackage>,
    /// Where an external package answers.
    pub url: Option<String>,
}

impl ModelFile {
    /// The package of `registered`, whose artifact is at `path`.
    pub fn of(registered: RegisteredModel, path: PathBuf) -> Self {
        let RegisteredModel { name, version, digest, kind, packing, entry, signature, custom, url, .. } = registered;
        Self { model: ModelRef { name, version }, path, digest, kind, packing, entry, signature, custom, url }
    }
}

/// All that a target needs to start a replica.
#[derive(Clone, Debug, PartialEq)]
pub struct Launch {
    /// Which replica.
    pub replica: ReplicaId,
    /// Whose.
    pub deployment: DeploymentId,
    /// What its deployment is called.
    pub name: DeploymentName,
    /// What it counts to.
    pub revision: RevisionNumber,
    /// What it runs.
    pub configuration: Configuration,
    /// The model that the configuration binds.
    pub model: Option<ModelFile>,
    /// Numbers of the GPUs that it may use.
    pub gpus: Vec<u32>,
    /// The intent that it serves.
    pub generation: Generation,
}

/// What a replica that is not ready says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doing {
    /// In a few words.
    pub what: String,
    /// It unpacks its package or builds its environment, which may take long.
    pub preparing: bool,
}

/// What is seen of a replica.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// How it is.
    pub observed: Observed,
    /// Its process.
    pub process: Option<Process>,
    /// Where it answers.
    pub address: Option<Address>,
    /// The last thing that went wrong with it.
    pub problem: Option<String>,
    /// It has ended, and said that its problem does not change by trying again.
    pub lasting: bool,
    /// What it says that it is doing, while it is not ready.
    pub doing: Option<Doing>,
}

impl Seen {
    /// There is no such process.
    pub fn absent() -> Self {
        Self { observed: Observed::Absent, process: None, address: None, problem: None, lasting: false, doing: None }
    }
}

/// Why a target did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The intent has moved on.
    #[error("generation {given} is older than {known}, which this target has seen already")]
    Outdated {
        /// Of the request.
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
    /// Something on the disk or in the system refused.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
}

impl TargetError {
    /// Whether it would be the same at every further try.
    pub fn is_lasting(&self) -> bool {
        matches!(self, Self::Refused(_))
    }
}

/// A place where replicas run.
///
/// Guarantees asked of an implementation: every call returns soon and may be repeated; `observe` answers
/// from what was last seen, without asking anybody; a change of what is seen is announced through
/// `changes`; a start with a generation older than one seen before is refused.
pub trait Target: Send + Sync + 'static {
    /// What was last seen of a replica; [`Observed::Absent`] for one that it never heard of.
    fn observe(&self, replica: &ReplicaId) -> Seen;

    /// Starts the replica's process. What still runs under its id is ended first.
    ///
    /// # Errors
    /// [`TargetError`]; no process runs then.
    fn start(&self, launch: &Launch) -> Result<Seen, TargetError>;

    /// Gives a running replica the `user_config` of `launch`. It takes as long as the
    /// configuration gives the replica for it (`reconfigure.timeout_seconds`).
    ///
    /// # Errors
    /// [`TargetError`]; whether the replica has taken it is not known then.
    fn reconfigure(&self, launch: &Launch) -> Result<(), TargetError>;

    /// Gives up waiting for replicas of this deployment that are taking a `user_config`, because something else is wanted
    /// by now; [`reconfigure`](Self::reconfigure) fails then.
    fn break_off(&self, deployment: &DeploymentId);

    /// What this place has to give to replicas, and which limits it enforces.
    fn machine(&self) -> Machine;

    /// Begins to end the replica's process: asks it to finish, and after a grace period does not ask.
    fn stop(&self, replica: &ReplicaId);

    /// Lets go of all that is known of a replica whose process is gone.
    fn forget(&self, replica: &ReplicaId);

    /// Lets go of what is kept of a deployment beside its replicas, their output above all.
    fn clear(&self, deployment: &DeploymentId);

    /// Takes over the replicas that a server before this one left running, and ends strays.
    ///
    /// # Errors
    /// [`TargetError`] when it cannot be seen what runs.
    fn adopt(&self, known: &[(Launch, ReplicaRecord)]) -> impl Future<Output = Result<(), TargetError>> + Send
    where
        Self: Sized;

    /// Announces the deployment of a replica of which something else is seen now.
    fn changes(&self) -> broadcast::Receiver<DeploymentId>;
}
