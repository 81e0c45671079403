//! The `trees` runtime: serves LightGBM and XGBoost files, which a small program computes with.
//!
//! What a file takes is read here, by the reader that registered it. This process speaks the protocol and makes rows of
//! numbers out of requests; the program knows the library, and nothing else.

mod column;
mod rows;
mod worker;

use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::first_answers::FirstRequest;
use domain::model::{PackageKind, Signature};
use tokio::sync::oneshot;

use super::args::ReplicaArgs;
use super::command::Program;
use super::life::Life;
use super::log::say;
use super::model::{Answer, Data, Datatype, InferError, Input, LoadError, Output, Tensor};
use super::protocol::{self, Answers, Refusal, Sent, Served};
use super::{ReplicaError, program, requirements, serving};
use crate::packages::trees as files;
use rows::Table;
use worker::Worker;

/// The program.
const PROGRAM: &str = include_str!("../../../runtimes/trees.py");
const FILE: &str = "changeover-trees.py";
/// How long the program may take to end once its last request is answered.
const ENDING: Duration = Duration::from_secs(2);

/// What the program needs beside Python. Newer releases read the files of older ones, not the other way round. The
/// package without `-cpu` brings libraries for GPUs of ten times its size, and predictions need none.
const LIGHTGBM: &[&str] = &["lightgbm==4.7.0", "numpy>=1.26,<3"];
const XGBOOST: &[&str] = &["xgboost-cpu==3.2.0", "numpy>=1.26,<3"];

/// The requirements for a file of this kind; a configured line takes the place of the one for the same package.
pub(super) fn needs(kind: PackageKind, configured: &[String]) -> Vec<String> {
    let own = if kind == PackageKind::Lightgbm { LIGHTGBM } else { XGBOOST };
    requirements::merge(own.iter().map(|&line| line.to_owned()), configured)
}

/// Serves until the replica drains, or its program ends.
pub(super) async fn run(mut args: ReplicaArgs, first: Option<FirstRequest>, life: Life) -> Result<(), ReplicaError> {
    let mut read = None;
    let prepare = |args: &mut ReplicaArgs| {
        let signature = signature(args)?;
        let table = Table::of(&signature, args.max_body_bytes)?;
        command(args, rounds(&signature))?;
        read = Some((signature, table));
        Ok(())
    };
    let Some(prepared) = program::prepare(&mut args, &life, prepare).await? else { return Ok(()) };
    let (signature, table) = read.ok_or(ReplicaError::Defect)?;
    life.does("loading the model");
    let failed = ReplicaError::system("the socket to the program that computes predictions cannot be made");
    let (ours, theirs) = UnixStream::pair().map_err(failed)?;
    let mut program = Program::start(&args, prepared.environment(), Stdio::from(OwnedFd::from(theirs)))?;
    say!("{}: started the program of {} as process {}", args.id, args.deployment, program.pid().unwrap_or_default());
    let (done, mut finished) = oneshot::channel();
    let (drain, ends) = (args.drain(), life.clone());
    std::thread::Builder::new()
        .name("inference".to_owned())
        .spawn(move || {
            // Nobody listens any more when the drain time is over.
            let _ = done.send(serve(&args, (&signature, table), first.as_ref(), ours, &life));
        })
        .map_err(ReplicaError::system("the inference thread cannot be started"))?;
    let overdue = async {
        ends.draining().await;
        tokio::time::sleep(drain).await;
    };
    tokio::select! {
        biased;
        served = &mut finished => {
            let served = served.unwrap_or(Err(ReplicaError::Defect));
            match (served, tokio::time::timeout(ENDING, program.ended()).await) {
                // A program that has failed is the cause, and its status says more than a lost socket.
                (Err(lost), Ok(ended)) if !lost.is_lasting() => program::over(ended?).and(Err(lost)),
                (served, _) => {
                    program.stop(Duration::ZERO).await?;
                    served
                }
            }
        }
        ended = program.ended() => program::over(ended?),
        () = overdue => Ok(program.stop(Duration::ZERO).await?),
    }
}

/// Fills in program and requirements.
fn command(args: &mut ReplicaArgs, rounds: u64) -> Result<(), ReplicaError> {
    let missing = |argument| ReplicaError::Missing { runtime: "trees", argument };
    let folder = args.own_folder.as_ref().ok_or_else(|| missing("--own-folder"))?;
    let library = if args.kind == PackageKind::Lightgbm { "lightgbm" } else { "xgboost" };
    let file = folder.join(FILE);
    fs::write(&file, PROGRAM).map_err(ReplicaError::system("the program of the trees runtime cannot be written"))?;
    let words = ["{env}/bin/python", "-I", "-B"].map(str::to_owned).into_iter();
    let options = ["--library", library, "--model", "{model}", "--threads"].map(str::to_owned);
    args.program = words.chain([file.to_string_lossy().into_owned()]).chain(options).collect();
    args.program.extend([args.threads.to_string(), "--rounds".to_owned(), rounds.to_string()]);
    args.requirement = needs(args.kind, &args.requirement);
    Ok(())
}

/// What the file says.
fn signature(args: &ReplicaArgs) -> Result<Signature, ReplicaError> {
    let missing = || ReplicaError::Missing { runtime: "trees", argument: "--artifact" };
    let read = files::read_whole(args.artifact.as_ref().ok_or_else(missing)?);
    Ok(read.map_err(|unreadable| LoadError::Refused(unreadable.to_string()))?)
}

/// How many rounds the trainer's own `predict` uses; 0 for all.
fn rounds(signature: &Signature) -> u64 {
    let best = signature.metadata.get(files::BEST_ITERATION).and_then(|best| best.parse::<u64>().ok());
    best.map_or(0, |best| best.saturating_add(1))
}

/// Answers requests until the replica drains. The program ends when this does.
fn serve(
    args: &ReplicaArgs,
    (signature, table): (&Signature, Table),
    first: Option<&FirstRequest>,
    stream: UnixStream,
    life: &Life,
) -> Result<(), ReplicaError> {
    let started = Instant::now();
    let missing = |argument| ReplicaError::Missing { runtime: "trees", argument };
    let path = args.socket.as_ref().ok_or_else(|| missing("--socket"))?;
    let name = args.model.as_ref().ok_or_else(|| missing("--model"))?;
    let platform = if args.kind == PackageKind::Lightgbm { "lightgbm" } else { "xgboost" };
    serving::this_threads_runtime()?.block_on(async {
        let lost = ReplicaError::system("the program that computes predictions ended before it had loaded the model");
        let patience = Duration::from_millis(args.scoring_timeout_ms);
        let greeted = async {
            stream.set_nonblocking(true)?;
            Worker::greet(tokio::net::UnixStream::from_std(stream)?, patience).await
        };
        let (worker, asking) = tokio::select! {
            greeted = greeted => greeted.map_err(lost)?,
            () = life.draining() => return Ok(()),
        };
        if worker.width != table.width() as u64 {
            let why = format!("its library finds {} columns in it, not {}", worker.width, table.width());
            return Err(LoadError::Refused(why).into());
        }
        let model = Trees::new(platform, table, worker, signature);
        let served = Arc::new(Served { model, name: name.clone(), max_body_bytes: args.max_body_bytes });
        let id = &args.id;
        let serves = || say!("{id}: serves {name} of {} after {} ms", args.deployment, started.elapsed().as_millis());
        tokio::select! {
            served = serving::listen(path, protocol::router(served), (id, first), life, serves) => served,
            _ = asking => {
                let failed = ReplicaError::system("the program that computes predictions gives no answer any more");
                Err(failed(std::io::ErrorKind::TimedOut.into()))
            }
        }
    })
}

/// A file of trees behind the protocol.
struct Trees {
    platform: &'static str,
    table: Table,
    worker: Worker,
    inputs: Vec<Input>,
    outputs: Vec<Output>,
}

impl Trees {
    fn new(platform: &'static str, table: Table, worker: Worker, signature: &Signature) -> Self {
        let name = signature.outputs.first().map_or("prediction", |output| &output.name).to_owned();
        let shape = std::iter::once(-1).chain(worker.length.iter().copied()).collect();
        let inputs = table.inputs();
        Self { platform, table, worker, inputs, outputs: vec![Output::tensor(name, Datatype::Fp32, shape)] }
    }
}

impl Answers for Trees {
    fn platform(&self) -> &'static str {
        self.platform
    }

    fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    async fn infer(&self, sent: &mut Sent<'_>) -> Result<Vec<Answer>, Refusal> {
        let rows = self.table.rows(sent)?;
        let count = i64::try_from(rows.count).unwrap_or(i64::MAX);
        let numbers = if rows.count == 0 { Vec::new() } else { self.worker.ask(rows).await? };
        let shape: Vec<i64> = std::iter::once(count).chain(self.worker.length.iter().copied()).collect();
        if shape.iter().product::<i64>() != i64::try_from(numbers.len()).unwrap_or(i64::MAX) {
            let why =
                format!("the program that computes predictions returned {} numbers for {count} rows", numbers.len());
            return Err(InferError::Failed(why).into());
        }
        Ok(vec![Answer { tensor: Tensor { shape, data: Data::Fp32(numbers) }, class_labels: None }])
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The arguments of a replica whose own folder, with its socket, is this one.
    fn args(own: &Path, more: &[String]) -> ReplicaArgs {
        let words = "changeover --id r-1 --deployment d --revision 1 --instance i --control c --runtime trees --model m@1 \
                     --artifact a --digest DIGEST";
        let words = words.replace("DIGEST", &"0".repeat(64));
        let places = [format!("--own-folder={}", own.display()), format!("--socket={}", own.join("socket").display())];
        ReplicaArgs::of_line(words.split(' ').map(str::to_owned).chain(places).chain(more.iter().cloned())).unwrap()
    }

    /// What comes of a replica of three columns whose program has said `greeting` and is still there.
    fn served(greeting: &[u64], life: &Life) -> Result<(), ReplicaError> {
        let (ours, mut program) = UnixStream::pair().unwrap();
        let greeting: Vec<u8> = greeting.iter().flat_map(|number| number.to_le_bytes()).collect();
        std::io::Write::write_all(&mut program, &greeting).unwrap();
        let signature = Signature { inputs: vec![domain::model::whole_table(3)], ..Signature::default() };
        let table = Table::of(&signature, 100).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let args = args(folder.path(), &[]);
        let (done, ended) = std::sync::mpsc::channel();
        let life = life.clone();
        std::thread::spawn(move || done.send(serve(&args, (&signature, table), None, ours, &life)));
        ended.recv_timeout(Duration::from_secs(60)).unwrap()
    }

    #[test]
    fn a_replica_that_is_told_to_end_does_not_wait_for_its_model() {
        let life = Life::new();
        life.advance(super::super::life::Phase::Draining);
        served(&[], &life).unwrap();
    }

    #[test]
    fn a_library_that_reads_another_width_is_not_asked() {
        let refused = served(&[4, 0], &Life::new()).unwrap_err();
        assert_eq!(refused.exit_status(), super::super::CANNOT_RUN);
        assert!(refused.to_string().contains("finds 4 columns in it, not 3"), "{refused}");
    }

    #[test]
    fn nothing_is_written_into_a_folder_of_a_persons() {
        let folder = tempfile::tempdir().unwrap();
        let [own, theirs] = ["own", "theirs"].map(|name| folder.path().join(name));
        for place in [&own, &theirs] {
            fs::create_dir(place).unwrap();
        }
        fs::write(theirs.join(FILE), "mine").unwrap();
        let mut args = args(&own, &[format!("--working-directory={}", theirs.display())]);
        command(&mut args, 0).unwrap();
        assert_eq!(fs::read_to_string(theirs.join(FILE)).unwrap(), "mine");
        assert!(args.program.contains(&own.join(FILE).to_string_lossy().into_owned()), "{:?}", args.program);
        assert_eq!(fs::read_to_string(own.join(FILE)).unwrap(), PROGRAM);
    }
}
