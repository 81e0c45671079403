//! The part of a replica's life that is its program's: unpack its package, build its environment, start it, watch it,
//! end it.

use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use domain::first_answers::FirstRequest;
use domain::id::ReplicaId;

use super::command::{self, Port, Program, ProgramHealth, Setting, Unfilled};
use super::first::First;
use super::life::{Life, LifeStage};
use super::log::say;
use super::requirements::{self, Requirements};
use super::work::{ChosenProgram, ProgramWork, RegisteredFile, Surroundings, ThisReplica};
use super::{ReplicaError, environment, limits, mlflow, unpacked};

/// Builds the Python environment where the program gets one, and takes the limits: building takes more than the program
/// may. The folder of the environment, and what keeps it in use.
pub(super) async fn environment(
    replica: &ThisReplica,
    surroundings: &Surroundings,
    unfilled: &Unfilled,
    life: &Life,
) -> Result<(Option<PathBuf>, Option<File>), ReplicaError> {
    let built = match &surroundings.environments {
        Some(folder) => Some(environment::prepare(folder, &unfilled.requirements, &replica.id, life).await?),
        None => None,
    };
    limits::take(&replica.confinement)?;
    Ok(built.unzip())
}

/// Runs the program until it ends or the replica drains. It listens on `port`; `first` is the request that it is asked
/// before it is ready, and the one who is told the answer.
pub(super) async fn run(
    replica: ThisReplica,
    work: ProgramWork,
    port: Port,
    first: Option<(FirstRequest, First)>,
    life: Life,
) -> Result<(), ReplicaError> {
    let ProgramWork { program, model, port: number, health_path, surroundings, .. } = work;
    let from_archive = program.file().is_some_and(|file| file.archive.is_some());
    let prepared = async {
        let (unfilled, file) = unfilled(program, &surroundings.requirements, &replica, &life).await?;
        let (environment, used) = environment(&replica, &surroundings, &unfilled, &life).await?;
        Ok::<_, ReplicaError>((unfilled, environment, (file, used)))
    };
    let Some((unfilled, environment, _used)) = life.unless_draining(prepared).await? else { return Ok(()) };
    let setting = Setting {
        replica: &replica,
        port: Some(number),
        name: model.as_ref(),
        from_archive,
        folder: surroundings.working_directory.as_deref(),
        environment: environment.as_deref(),
        input: Stdio::null(),
    };
    let mut program = Program::start(&unfilled, setting)?;
    life.advance(LifeStage::Serving);
    let ThisReplica { id, deployment, drain, patience, .. } = &replica;
    say!("{id}: started the program of {deployment} as process {}", program.pid().unwrap_or_default());
    let proved = async {
        if let Some((request, first)) = &first {
            prove(id, (port, &health_path), *patience, request, first).await;
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = proved => Ok(()),
        ended = program.ended() => over(ended?),
        () = life.draining() => Ok(program.stop(*drain).await?),
    }
}

impl ChosenProgram {
    /// The file of its model.
    fn file(&self) -> Option<&RegisteredFile> {
        match self {
            Self::Command { file, .. } | Self::Custom { file, .. } => file.as_ref(),
            Self::Mlflow { file, .. } => Some(file),
        }
    }
}

/// The program with its model and requirements, and what keeps the model's folder in use. `configured` are the lines of
/// requirements in the configuration.
async fn unfilled(
    program: ChosenProgram,
    configured: &[String],
    replica: &ThisReplica,
    life: &Life,
) -> Result<(Unfilled, Option<File>), ReplicaError> {
    let (model, used) = match program.file() {
        Some(file) => {
            let (model, used) = unpacked::prepare(file, &replica.id, life).await?;
            (Some(model), used)
        }
        None => (None, None),
    };
    let unfilled = match (program, model) {
        (ChosenProgram::Mlflow { own_folder, .. }, Some(folder)) => {
            mlflow::program(folder, own_folder.as_deref(), configured)?
        }
        (ChosenProgram::Mlflow { .. }, None) => return Err(ReplicaError::Defect),
        (ChosenProgram::Command { words, .. }, model) => {
            Unfilled { words, model, requirements: Requirements::of(configured.to_vec()) }
        }
        (ChosenProgram::Custom { words, requirements, .. }, model) => {
            let lines = requirements::merge(requirements::written(requirements), configured);
            Unfilled { words, model, requirements: Requirements::of(lines) }
        }
    };
    Ok((unfilled, used))
}

/// Asks the program the sample request, whenever it says that it is well, until it answers.
async fn prove(
    id: &ReplicaId,
    (port, health_path): (Port, &str),
    patience: Duration,
    request: &FirstRequest,
    first: &First,
) {
    let health = ProgramHealth::new(port.clone(), health_path);
    let ask = || async {
        health.ask().await.ok()?;
        Some(command::sample(&port, request, patience).await)
    };
    first.ask(id.as_str(), request, ask).await;
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
