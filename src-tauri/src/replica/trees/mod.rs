//! The `trees` runtime: serves LightGBM and XGBoost files, which a small program computes with.
//!
//! The inputs of a file are read here, by the reader that registered it. This process speaks the protocol and makes
//! rows of numbers out of requests; the program knows the library, and nothing else.

mod column;
mod rows;
mod worker;

use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::first_answers::FirstRequest;
use domain::model::{PackageKind, Signature};
use tokio::sync::oneshot;

use super::command::{Program, Setting, Unfilled};
use super::life::Life;
use super::log::say;
use super::model::{Data, Datatype, InferError, InferredOutput, LoadError, ModelInput, ModelOutput, Tensor};
use super::protocol::{self, Answers, InferenceRefusal, Sent, ServedModel};
use super::requirements::{self, Requirements};
use super::work::{ServedHere, ThisReplica, TreesWork};
use super::{ReplicaError, program, serving, unpacked};
use crate::packages::trees as files;
use rows::Table;
use worker::Worker;

/// The program.
const PROGRAM: &str = include_str!("../../../runtimes/trees.py");
const FILE: &str = "changeover-trees.py";
/// The longest time that the program may take to end once its last request is answered.
const ENDING: Duration = Duration::from_secs(2);

/// The program's requirements beside Python. Newer releases read the files of older ones, not the other way round. The
/// package without `-cpu` brings libraries for GPUs of ten times its size, and predictions need none.
const LIGHTGBM: &[&str] = &["lightgbm==4.7.0", "numpy>=1.26,<3"];
const XGBOOST: &[&str] = &["xgboost-cpu==3.2.0", "numpy>=1.26,<3"];

/// The requirements for a file of this kind; a configured line takes the place of the one for the same package.
pub(super) fn needs(kind: PackageKind, configured: &[String]) -> Vec<String> {
    let own = if kind == PackageKind::Lightgbm { LIGHTGBM } else { XGBOOST };
    requirements::merge(own.iter().map(|&line| line.to_owned()), configured)
}

/// Serves until the replica drains, or its program ends.
pub(super) async fn run(
    replica: ThisReplica,
    work: TreesWork,
    first: Option<FirstRequest>,
    life: Life,
) -> Result<(), ReplicaError> {
    let prepared = async {
        let (model, file) = unpacked::prepare(&work.file, &replica.id, &life).await?;
        let signature = signature(&model)?;
        let table = Table::of(&signature, work.served.max_body_bytes)?;
        let unfilled = command(&work, model, rounds(&signature))?;
        let (environment, used) = program::environment(&replica, &work.surroundings, &unfilled, &life).await?;
        Ok::<_, ReplicaError>((signature, table, unfilled, environment, (file, used)))
    };
    let Some((signature, table, unfilled, environment, _used)) = life.unless_draining(prepared).await? else {
        return Ok(());
    };
    life.does("loading the model");
    let failed = ReplicaError::system("the socket to the program that computes predictions cannot be made");
    let (ours, theirs) = UnixStream::pair().map_err(failed)?;
    let setting = Setting {
        replica: &replica,
        port: None,
        name: Some(&work.served.name),
        from_archive: work.file.archive.is_some(),
        folder: work.surroundings.working_directory.as_deref(),
        environment: environment.as_deref(),
        input: Stdio::from(OwnedFd::from(theirs)),
    };
    let mut program = Program::start(&unfilled, setting)?;
    let ThisReplica { id, deployment, drain, .. } = replica.clone();
    say!("{id}: started the program of {deployment} as process {}", program.pid().unwrap_or_default());
    let (done, mut finished) = oneshot::channel();
    let ends = life.clone();
    std::thread::Builder::new()
        .name("inference".to_owned())
        .spawn(move || {
            // Nobody listens any more when the drain time is over.
            let _ = done.send(serve(&replica, &work, (&signature, table), first.as_ref(), ours, &life));
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

/// The program for the file `model`, and its requirements.
fn command(work: &TreesWork, model: PathBuf, rounds: u64) -> Result<Unfilled, ReplicaError> {
    let file = work.own_folder.join(FILE);
    fs::write(&file, PROGRAM).map_err(ReplicaError::system("the program of the trees runtime cannot be written"))?;
    let words = ["{env}/bin/python", "-I", "-B"].map(str::to_owned).into_iter();
    let options = ["--library", library(work.kind), "--model", "{model}", "--threads"].map(str::to_owned);
    let mut words: Vec<_> = words.chain([file.to_string_lossy().into_owned()]).chain(options).collect();
    words.extend([work.threads.to_string(), "--rounds".to_owned(), rounds.to_string()]);
    let requirements = Requirements::of(needs(work.kind, &work.surroundings.requirements));
    Ok(Unfilled { words, model: Some(model), requirements })
}

/// The name of the library for a file of this kind.
fn library(kind: PackageKind) -> &'static str {
    if kind == PackageKind::Lightgbm { "lightgbm" } else { "xgboost" }
}

/// The signature that the file states.
fn signature(model: &Path) -> Result<Signature, ReplicaError> {
    Ok(files::read_whole(model).map_err(|unreadable| LoadError::Refused(unreadable.to_string()))?)
}

/// The number of rounds that the trainer's own `predict` uses; 0 for all.
fn rounds(signature: &Signature) -> u64 {
    let best = signature.metadata.get(files::BEST_ITERATION).and_then(|best| best.parse::<u64>().ok());
    best.map_or(0, |best| best.saturating_add(1))
}

/// Answers requests until the replica drains. The program ends when this does.
fn serve(
    replica: &ThisReplica,
    work: &TreesWork,
    (signature, table): (&Signature, Table),
    first: Option<&FirstRequest>,
    stream: UnixStream,
    life: &Life,
) -> Result<(), ReplicaError> {
    let started = Instant::now();
    let ServedHere { socket, name, max_body_bytes } = &work.served;
    serving::this_threads_runtime()?.block_on(async {
        let lost = ReplicaError::system("the program that computes predictions ended before it had loaded the model");
        let greeted = async {
            stream.set_nonblocking(true)?;
            Worker::greet(tokio::net::UnixStream::from_std(stream)?, replica.patience).await
        };
        let (worker, asking) = tokio::select! {
            greeted = greeted => greeted.map_err(lost)?,
            () = life.draining() => return Ok(()),
        };
        if worker.width != table.width() as u64 {
            let why = format!("its library finds {} columns in it, not {}", worker.width, table.width());
            return Err(LoadError::Refused(why).into());
        }
        let model = Trees::new(library(work.kind), table, worker, signature);
        let served = Arc::new(ServedModel { model, name: name.clone(), max_body_bytes: *max_body_bytes });
        let id = &replica.id;
        let serves =
            || say!("{id}: serves {name} of {} after {} ms", replica.deployment, started.elapsed().as_millis());
        tokio::select! {
            served = serving::listen(socket, protocol::router(served), (id, first), life, serves) => served,
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
    inputs: Vec<ModelInput>,
    outputs: Vec<ModelOutput>,
}

impl Trees {
    fn new(platform: &'static str, table: Table, worker: Worker, signature: &Signature) -> Self {
        let name = signature.outputs.first().map_or("prediction", |output| &output.name).to_owned();
        let shape = std::iter::once(-1).chain(worker.length.iter().copied()).collect();
        let inputs = table.inputs();
        Self { platform, table, worker, inputs, outputs: vec![ModelOutput::tensor(name, Datatype::Fp32, shape)] }
    }
}

impl Answers for Trees {
    fn platform(&self) -> &'static str {
        self.platform
    }

    fn inputs(&self) -> &[ModelInput] {
        &self.inputs
    }

    fn outputs(&self) -> &[ModelOutput] {
        &self.outputs
    }

    async fn infer(&self, sent: &mut Sent<'_>) -> Result<Vec<InferredOutput>, InferenceRefusal> {
        let rows = self.table.rows(sent)?;
        let count = i64::try_from(rows.count).unwrap_or(i64::MAX);
        let numbers = if rows.count == 0 { Vec::new() } else { self.worker.ask(rows).await? };
        let shape: Vec<i64> = std::iter::once(count).chain(self.worker.length.iter().copied()).collect();
        if shape.iter().product::<i64>() != i64::try_from(numbers.len()).unwrap_or(i64::MAX) {
            let why =
                format!("the program that computes predictions returned {} numbers for {count} rows", numbers.len());
            return Err(InferError::Failed(why).into());
        }
        Ok(vec![InferredOutput { tensor: Tensor { shape, data: Data::Fp32(numbers) }, class_labels: None }])
    }
}

#[cfg(test)]
mod tests {
    use super::super::work::Work;
    use super::*;

    /// A replica, and its work, whose own folder, with its socket, is this one.
    fn work(own: &Path, more: &[String]) -> (ThisReplica, TreesWork) {
        let words = "changeover --id r-1 --deployment d --revision 1 --instance i --control c --runtime trees --model m@1 \
                     --artifact a --digest DIGEST";
        let words = words.replace("DIGEST", &"0".repeat(64));
        let places = [format!("--own-folder={}", own.display()), format!("--socket={}", own.join("socket").display())];
        let words = words.split(' ').map(str::to_owned).chain(places).chain(more.iter().cloned());
        let args = crate::replica::ReplicaArgs::of_line(words).unwrap();
        let replica = ThisReplica::of(&args);
        let Work::Trees(work) = Work::of(args).unwrap() else { panic!("it is none of trees") };
        (replica, work)
    }

    /// The outcome of a replica of three columns whose program has said `greeting` and is still there.
    fn served(greeting: &[u64], life: &Life) -> Result<(), ReplicaError> {
        let (ours, mut program) = UnixStream::pair().unwrap();
        let greeting: Vec<u8> = greeting.iter().flat_map(|number| number.to_le_bytes()).collect();
        std::io::Write::write_all(&mut program, &greeting).unwrap();
        let signature = Signature { inputs: vec![domain::model::whole_table(3)], ..Signature::default() };
        let table = Table::of(&signature, 100).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (replica, work) = work(folder.path(), &[]);
        let (done, ended) = std::sync::mpsc::channel();
        let life = life.clone();
        std::thread::spawn(move || done.send(serve(&replica, &work, (&signature, table), None, ours, &life)));
        ended.recv_timeout(Duration::from_secs(60)).unwrap()
    }

    #[test]
    fn a_replica_that_is_told_to_end_does_not_wait_for_its_model() {
        let life = Life::new();
        life.advance(super::super::life::LifeStage::Draining);
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
        let (_, work) = work(&own, &[format!("--working-directory={}", theirs.display())]);
        let unfilled = command(&work, theirs.join("model"), 0).unwrap();
        assert_eq!(fs::read_to_string(theirs.join(FILE)).unwrap(), "mine");
        assert!(unfilled.words.contains(&own.join(FILE).to_string_lossy().into_owned()), "{:?}", unfilled.words);
        assert_eq!(fs::read_to_string(own.join(FILE)).unwrap(), PROGRAM);
    }
}
