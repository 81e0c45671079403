//! The model server that a local replica runs: `changeover replica`.
//!
//! # Flow
//!
//! 1. The control socket answers at once: who this is, and that it is starting.
//! 2. `onnx`: a thread of its own checks the file's digest, loads the model, answers a made-up request, listens
//!    on the inference socket and serves the Open Inference Protocol there.
//!    `command`, `mlflow`: the Python environment is built where one is asked for and is not there yet, and the program is
//!    started; it listens on its own port.
//!    `trees`: the same with a program that only computes; this process serves the protocol, as for `onnx`.
//!    `external`: the URL is looked at.
//!    A package that came as an archive is unpacked first, once for all replicas that have the same (see `unpacked`).
//!    While it serves, a new `user_config` is taken in place (see `user_config`, `model/tuning`).
//! 3. SIGTERM, SIGINT, or the loss of its server (see `orphan`) ends it: no new requests, those that run are
//!    finished within the drain time, status 0.
//!
//! # Guarantees
//!
//! - Ready means that the model has been loaded and the inference socket is open, or the program's health route says 200;
//!   and that a sample request was answered, where there is one (see `first`).
//! - The control socket answers while an inference runs, however long: it has a thread of its own.
//! - A program never outlives its replica.
//! - What a program prints is bounded while it is written (see `output`).
//!
//! # Assumptions
//!
//! The server that starts a replica gives it a process group of its own and a file, not a pipe, for its
//! output.

mod args;
mod artifact;
mod command;
mod command_line;
mod control;
mod environment;
mod external;
mod first;
mod first_load;
mod lasting;
mod life;
mod limits;
mod log;
mod mlflow;
mod model;
mod orphan;
mod output;
mod program;
mod protocol;
mod requirements;
mod serving;
mod shared;
mod sockets;
mod trees;
mod unpacked;
mod user_config;
mod work;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use domain::id::{Digest, ReplicaId};
use domain::model::RegisteredModel;
use domain::replica::CANNOT_RUN;
use domain::runtime::Runtime;
use rustix::process::getpid;
use tokio::signal::unix::{SignalKind, signal};

pub use args::ReplicaArgs;
pub use command::{CommandError, ExecArgs, ExecError, exec};
pub use command_line::CommandLine;
use control::HealthSource;
pub use control::{Identity, Readiness};
pub use environment::EnvironmentError;
use external::Elsewhere;
use first::First;
pub use first_load::{LoadArgs, load};
use life::Life;
use log::say;
pub use mlflow::MlflowError;
pub use model::{LibraryError, LoadError};
use sockets::Socket;
pub use unpacked::UnpackError;
use user_config::{ConfigSink, UserConfig};
use work::{ThisReplica, Work};

use crate::connection;

/// The reason why a replica ended without being asked to.
#[derive(Debug, thiserror::Error)]
pub enum ReplicaError {
    /// `--user-config` is not JSON.
    #[error("--user-config is not JSON: {0}")]
    UserConfig(serde_json::Error),
    /// The model has no use for a key of the `user_config`, or the key has a value that cannot be used.
    #[error("the user_config cannot be used: {0}")]
    UserConfigRefused(String),
    /// A socket cannot be opened.
    #[error("cannot listen on {}: {cause}", path.display())]
    Socket {
        /// Its path.
        path: PathBuf,
        /// The system's error.
        cause: std::io::Error,
    },
    /// The model's file cannot be read.
    #[error("the model file {} cannot be read: {cause}", path.display())]
    Artifact {
        /// The file.
        path: PathBuf,
        /// The system's error.
        cause: std::io::Error,
    },
    /// The model's file is not the one that was registered.
    #[error("the model file {} has been changed: its SHA-256 is {found}, and {expected} was registered", path.display())]
    Digest {
        /// The file.
        path: PathBuf,
        /// The digest that was registered.
        expected: Digest,
        /// The digest of the file as it is now.
        found: String,
    },
    /// The model cannot be served.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The program cannot be started.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// There is no Python environment for the program.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// The model directory cannot be served.
    #[error(transparent)]
    Mlflow(#[from] MlflowError),
    /// The package cannot be unpacked.
    #[error(transparent)]
    Unpack(#[from] UnpackError),
    /// The program ended by itself.
    #[error("the program ended with status {0}")]
    ProgramEnded(u8),
    /// An argument that this runtime needs is missing.
    #[error("the {runtime} runtime needs {argument}")]
    Missing {
        /// The runtime.
        runtime: &'static str,
        /// The argument.
        argument: &'static str,
    },
    /// The system refuses something that every process may do.
    #[error("{what}: {cause}")]
    System {
        /// The failed operation, as a clause.
        what: &'static str,
        /// The system's error.
        cause: std::io::Error,
    },
    /// The serving thread panicked.
    #[error("the replica failed; this is a defect of Changeover")]
    Defect,
}

impl ReplicaError {
    /// The exit status of the process: the program's own where there is one, [`CANNOT_RUN`] when every further try would
    /// end the same way, else 1.
    pub fn exit_status(&self) -> u8 {
        match self {
            Self::ProgramEnded(status) => *status,
            error if error.is_lasting() => CANNOT_RUN,
            _ => 1,
        }
    }

    fn system(what: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |cause| Self::System { what, cause }
    }
}

/// Runs one replica until it is told to end.
///
/// # Errors
///
/// Everything that keeps it from serving; the caller prints the sentence and exits with
/// [`ReplicaError::exit_status`].
pub fn run(args: ReplicaArgs) -> Result<(), ReplicaError> {
    serde_json::from_str::<serde::de::IgnoredAny>(&args.user_config).map_err(ReplicaError::UserConfig)?;
    if let Some(log) = &args.log {
        output::keep(log).map_err(ReplicaError::system("the replica's output cannot be kept"))?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(ReplicaError::system("the replica's event loop cannot be started"))?;
    runtime.block_on(live(args))
}

async fn live(args: ReplicaArgs) -> Result<(), ReplicaError> {
    tokio::spawn(output::watch());
    limits::announce(&args.id, &args.not_enforced);
    let (life, replica, identity) = (Life::new(), ThisReplica::of(&args), identity(&args)?);
    let request = args.sample.as_deref().map(first::request).transpose()?;
    let (revision, control) = (args.revision, args.control.clone());
    let told = end_when_told(args.id.clone(), args.server_lock.clone(), args.orphan_seconds, life.clone()).await?;
    let doors = |health, sink| {
        let socket = Socket::bind(&control).map_err(|cause| ReplicaError::Socket { path: control, cause })?;
        let (listener, file) = socket.into_parts();
        let router = control::router(identity, life.clone(), health, UserConfig::new(revision, sink));
        tokio::spawn(connection::serve(listener, router, None, std::future::pending::<()>()));
        tokio::spawn(told);
        Ok::<_, ReplicaError>(file)
    };
    match Work::of(args)? {
        Work::Onnx(work) => {
            let served = Arc::new(OnceLock::new());
            let _file = doors(None, ConfigSink::BuiltIn(served.clone()))?;
            serving::run(replica, work, request, life, served).await
        }
        Work::Trees(work) => {
            let _file = doors(None, ConfigSink::Program(None))?;
            trees::run(replica, work, request, life).await
        }
        Work::Program(work) => {
            let port = command::Port::new(work.port);
            let port = port.map_err(ReplicaError::system("the replica cannot read its own start time"))?;
            let first = First::new(request.as_ref());
            let health =
                HealthSource::Program(command::ProgramHealth::new(port.clone(), &work.health_path), first.clone());
            let route = work.reconfigure_path.as_ref().map(|path| command::ReconfigureRoute::new(port.clone(), path));
            let _file = doors(Some(health), ConfigSink::Program(route))?;
            program::run(replica, work, port, request.zip(Some(first)), life).await
        }
        Work::External(work) => {
            let elsewhere = Elsewhere::new();
            let _file = doors(Some(HealthSource::Elsewhere(elsewhere.clone())), ConfigSink::Program(None))?;
            external::run(replica, work, life, elsewhere).await
        }
    }
}

/// The lines by which the Python environment of a replica is built, as it builds it: those that are configured, and those
/// that its package needs. `package` is the folder of the model. None when they cannot be told.
pub fn requirements(
    runtime: Runtime,
    model: &RegisteredModel,
    package: &Path,
    configured: &[String],
) -> Option<Vec<String>> {
    match runtime {
        Runtime::Mlflow => mlflow::needs(package, configured).ok().map(|needs| needs.lines),
        Runtime::Trees => Some(trees::needs(model.kind, configured)),
        Runtime::Custom => {
            let own = model.custom.iter().flat_map(|custom| custom.requirements.iter().cloned()).collect::<Vec<_>>();
            Some(requirements::merge(requirements::written(own), configured))
        }
        Runtime::Onnx | Runtime::Command | Runtime::External => Some(configured.to_vec()),
    }
}

fn identity(args: &ReplicaArgs) -> Result<Identity, ReplicaError> {
    let unreadable = |cause: procfs::ProcError| ReplicaError::System {
        what: "the replica cannot read its own start time",
        cause: std::io::Error::other(cause),
    };
    let stat = procfs::process::Process::myself().and_then(|process| process.stat()).map_err(unreadable)?;
    Ok(Identity {
        id: args.id.clone(),
        deployment: args.deployment.clone(),
        revision: args.revision,
        instance: args.instance.clone(),
        model: args.model.clone(),
        digest: args.digest.clone(),
        pid: getpid().as_raw_nonzero().get(),
        start_time: stat.starttime,
    })
}

/// A task that starts the drain on SIGTERM, SIGINT, or when the server is gone for good.
async fn end_when_told(
    id: ReplicaId,
    server_lock: Option<PathBuf>,
    orphan_seconds: u64,
    life: Life,
) -> Result<impl Future<Output = ()>, ReplicaError> {
    let catch = |kind| signal(kind).map_err(ReplicaError::system("signals cannot be received"));
    let (mut terminate, mut interrupt) = (catch(SignalKind::terminate())?, catch(SignalKind::interrupt())?);
    // Comes when the server is killed while this process is stopped; who is caught is not ended by it.
    let _caught = catch(SignalKind::hangup())?;
    Ok(async move {
        let abandoned = async {
            match &server_lock {
                Some(lock) => orphan::abandoned(lock, std::time::Duration::from_secs(orphan_seconds)).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = terminate.recv() => say!("{id}: told to end"),
            _ = interrupt.recv() => say!("{id}: told to end"),
            () = abandoned => say!("{id}: no server for {orphan_seconds} s, ending"),
        }
        life.advance(life::LifeStage::Draining);
    })
}
