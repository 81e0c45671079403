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

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use domain::id::Digest;
use domain::model::RegisteredModel;
use domain::replica::CANNOT_RUN;
use rustix::process::getpid;
use tokio::signal::unix::{SignalKind, signal};

pub use args::{ReplicaArgs, Runtime};
pub use command::{CommandError, ExecArgs, ExecError, exec};
pub use command_line::CommandLine;
use control::Asked;
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
use user_config::{Taker, UserConfig};

use crate::connection;

/// Why a replica ended without being asked to.
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
        /// What the system says.
        cause: std::io::Error,
    },
    /// The model's file cannot be read.
    #[error("the model file {} cannot be read: {cause}", path.display())]
    Artifact {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The model's file is not the one that was registered.
    #[error("the model file {} has been changed: its SHA-256 is {found}, and {expected} was registered", path.display())]
    Digest {
        /// The file.
        path: PathBuf,
        /// What it should be.
        expected: Digest,
        /// What it is.
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
        /// What was tried.
        what: &'static str,
        /// What the system says.
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
    limits::announce(&args);
    let life = Life::new();
    let identity = identity(&args)?;
    let elsewhere = Elsewhere::new();
    let request = first::request(&args)?;
    let first = First::new(request.as_ref());
    let port = args.port.map(command::Port::new).transpose();
    let port = port.map_err(ReplicaError::system("the replica cannot read its own start time"))?;
    let health = match args.runtime {
        Runtime::Onnx | Runtime::Trees => None,
        Runtime::Command | Runtime::Custom | Runtime::Mlflow => {
            port.clone().map(|port| Asked::Program(command::Health::new(port, &args.health_path), first.clone()))
        }
        Runtime::External => Some(Asked::Elsewhere(elsewhere.clone())),
    };
    let served = Arc::new(OnceLock::new());
    let taker = match args.runtime {
        Runtime::Onnx => Taker::BuiltIn(served.clone()),
        _ => Taker::Program(
            port.clone().zip(args.reconfigure_path.as_ref()).map(|(port, path)| command::Reconfigure::new(port, path)),
        ),
    };
    let user_config = UserConfig::new(args.revision, taker);
    let control =
        Socket::bind(&args.control).map_err(|cause| ReplicaError::Socket { path: args.control.clone(), cause })?;
    let (listener, _file) = control.into_parts();
    let router = control::router(identity, life.clone(), health, user_config);
    tokio::spawn(connection::serve(listener, router, None, std::future::pending::<()>()));
    tokio::spawn(end_when_told(args.clone(), life.clone()).await?);
    match args.runtime {
        Runtime::Onnx => serving::run(args, request, life, served).await,
        Runtime::Trees => trees::run(args, request, life).await,
        Runtime::Command | Runtime::Custom | Runtime::Mlflow => {
            program::run(args, port, request.zip(Some(first)), life).await
        }
        Runtime::External => external::run(args, life, elsewhere).await,
    }
}

/// The lines by which the Python environment of a replica is built, as it builds it: those that are configured, and those
/// that its package needs. `package` is the folder of the model. None when they cannot be told.
pub fn requirements(
    runtime: domain::configuration::Runtime,
    model: &RegisteredModel,
    package: &Path,
    configured: &[String],
) -> Option<Vec<String>> {
    use domain::configuration::Runtime;
    match runtime {
        Runtime::Mlflow => mlflow::needs(package, configured).ok().map(|needs| needs.requirements),
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
async fn end_when_told(args: ReplicaArgs, life: Life) -> Result<impl Future<Output = ()>, ReplicaError> {
    let catch = |kind| signal(kind).map_err(ReplicaError::system("signals cannot be received"));
    let (mut terminate, mut interrupt) = (catch(SignalKind::terminate())?, catch(SignalKind::interrupt())?);
    // Comes when the server is killed while this process is stopped; who is caught is not ended by it.
    let _caught = catch(SignalKind::hangup())?;
    Ok(async move {
        let abandoned = async {
            match &args.server_lock {
                Some(lock) => orphan::abandoned(lock, std::time::Duration::from_secs(args.orphan_seconds)).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = terminate.recv() => say!("{}: told to end", args.id),
            _ = interrupt.recv() => say!("{}: told to end", args.id),
            () = abandoned => say!("{}: no server for {} s, ending", args.id, args.orphan_seconds),
        }
        life.advance(life::Phase::Draining);
    })
}
