//! The part of a replica's life that is its program's: unpack its package, build its environment, start it, watch it,
//! end it.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use super::args::{ReplicaArgs, Runtime};
use super::command::Program;
use super::life::{Life, Phase};
use super::log::say;
use super::{ReplicaError, artifact, environment, limits, mlflow, requirements, trees, unpacked};

/// Runs the program until it ends or the replica drains.
pub(super) async fn run(mut args: ReplicaArgs, life: Life) -> Result<(), ReplicaError> {
    let prepared = async {
        let package = match unpacked::prepare(&args, &life).await? {
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
        match args.runtime {
            Runtime::Mlflow => mlflow::command(&mut args)?,
            Runtime::Trees => trees::command(&mut args)?,
            Runtime::Custom => {
                let own = std::mem::take(&mut args.package_requirement);
                args.requirement = requirements::merge(requirements::written(own), &args.requirement);
            }
            Runtime::Command | Runtime::Onnx | Runtime::External => {}
        }
        Ok::<_, ReplicaError>((environment::prepare(&args, &life).await?, package))
    };
    let (environment, _package) = tokio::select! {
        prepared = prepared => prepared?,
        () = life.draining() => return Ok(()),
    };
    // Building an environment takes more than the program may.
    limits::take(&args)?;
    let mut program = Program::start(&args, environment.as_ref().map(|(folder, _used)| folder.as_path()))?;
    life.advance(Phase::Serving);
    say!("{}: started the program of {} as process {}", args.id, args.deployment, program.pid().unwrap_or_default());
    tokio::select! {
        ended = program.ended() => match status(ended?) {
            0 => Ok(()),
            status => Err(ReplicaError::ProgramEnded(status)),
        },
        () = life.draining() => Ok(program.stop(args.drain()).await?),
    }
}

/// The status as a shell tells it: 128 and the signal's number for a program that was killed.
fn status(status: ExitStatus) -> u8 {
    let number = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    u8::try_from(number).unwrap_or(1)
}
