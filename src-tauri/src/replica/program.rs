//! The part of a replica's life that is its program's: unpack its package, build its environment, start it, watch it,
//! end it.

use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use domain::first_answers::FirstRequest;

use super::args::{ReplicaArgs, Runtime};
use super::command::{self, Health, Port, Program};
use super::first::First;
use super::life::{Life, Phase};
use super::log::say;
use super::{ReplicaError, artifact, environment, limits, mlflow, requirements, unpacked};

/// The environment and package of a program; in use while this lives.
pub(super) struct Prepared {
    environment: Option<(PathBuf, File)>,
    _package: Option<File>,
}

impl Prepared {
    /// The Python environment.
    pub(super) fn environment(&self) -> Option<&Path> {
        self.environment.as_ref().map(|(folder, _used)| folder.as_path())
    }
}

/// Unpacks the package, builds the environment, and takes the limits; none when the replica drains meanwhile. `command`
/// fills in what depends on the package.
pub(super) async fn prepare(
    args: &mut ReplicaArgs,
    life: &Life,
    command: impl FnOnce(&mut ReplicaArgs) -> Result<(), ReplicaError>,
) -> Result<Option<Prepared>, ReplicaError> {
    let prepared = async {
        let package = match unpacked::prepare(args, life).await? {
            Some((place, used)) => {
                args.artifact = Some(place);
                Some(used)
            }
            None => {
                if let (Some(artifact), Some(digest)) = (&args.artifact, &args.digest) {
                    artifact::check(artifact, digest)?;
                }
                None
            }
        };
        command(args)?;
        let environment = environment::prepare(args, life).await?;
        // Building an environment takes more than the program may.
        limits::take(args)?;
        Ok(Some(Prepared { environment, _package: package }))
    };
    tokio::select! {
        prepared = prepared => prepared,
        () = life.draining() => Ok(None),
    }
}

/// Runs the program until it ends or the replica drains. It listens on `port`; `first` is what it is asked before it is ready, and who is told.
pub(super) async fn run(
    mut args: ReplicaArgs,
    port: Option<Port>,
    first: Option<(FirstRequest, First)>,
    life: Life,
) -> Result<(), ReplicaError> {
    let command = |args: &mut ReplicaArgs| match args.runtime {
        Runtime::Mlflow => Ok(mlflow::command(args)?),
        Runtime::Custom => {
            let own = std::mem::take(&mut args.package_requirement);
            args.requirement = requirements::merge(requirements::written(own), &args.requirement);
            Ok(())
        }
        Runtime::Command | Runtime::Trees | Runtime::Onnx | Runtime::External => Ok(()),
    };
    let Some(prepared) = prepare(&mut args, &life, command).await? else { return Ok(()) };
    let mut program = Program::start(&args, prepared.environment(), Stdio::null())?;
    life.advance(Phase::Serving);
    say!("{}: started the program of {} as process {}", args.id, args.deployment, program.pid().unwrap_or_default());
    let proved = async {
        if let (Some((request, first)), Some(port)) = (&first, port) {
            prove(&args, port, request, first).await;
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = proved => Ok(()),
        ended = program.ended() => over(ended?),
        () = life.draining() => Ok(program.stop(args.drain()).await?),
    }
}

/// Asks the program the sample request, whenever it says that it is well, until it answers.
async fn prove(args: &ReplicaArgs, port: Port, request: &FirstRequest, first: &First) {
    let health = Health::new(port.clone(), &args.health_path);
    let patience = Duration::from_millis(args.scoring_timeout_ms);
    let ask = || async {
        health.ask().await.ok()?;
        Some(command::sample(&port, request, patience).await)
    };
    first.ask(args.id.as_str(), request, ask).await;
}

/// The replica's result for the exit status of its program.
pub(super) fn over(ended: ExitStatus) -> Result<(), ReplicaError> {
    match status(ended) {
        0 => Ok(()),
        status => Err(ReplicaError::ProgramEnded(status)),
    }
}

/// The status as a shell tells it: 128 and the signal's number for a program that was killed.
fn status(status: ExitStatus) -> u8 {
    let number = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    u8::try_from(number).unwrap_or(1)
}
