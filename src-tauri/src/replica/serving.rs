//! The `onnx` runtime: loads the model and serves it, on a thread of its own.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use domain::built_in::BuiltInConfig;
use tokio::sync::oneshot;

use super::args::ReplicaArgs;
use super::life::{Life, Phase};
use super::log::say;
use super::model::{Model, Source, TimeLimit, Tuning};
use super::protocol::{self, Served};
use super::sockets::Socket;
use super::{ReplicaError, artifact, limits, mlflow, unpacked};
use crate::connection;

/// How often a running inference is compared with its time limit.
const LOOK: Duration = Duration::from_millis(200);

/// Serves until the replica drains; returns when the last request is answered or the drain time is over.
///
/// What answers is put into `served` before the first request.
pub(super) async fn run(args: ReplicaArgs, life: Life, served: Arc<OnceLock<Arc<Served>>>) -> Result<(), ReplicaError> {
    let unpacked = tokio::select! {
        unpacked = unpacked::prepare(&args, &life) => unpacked?,
        () = life.draining() => return Ok(()),
    };
    let (unpacked, _used) = unpacked.unzip();
    limits::take(&args)?;
    life.does("loading the model");
    let limit = Arc::new(TimeLimit::new(Duration::from_millis(args.scoring_timeout_ms)));
    let (done, mut finished) = oneshot::channel();
    let (drain, id) = (args.drain(), args.id.clone());
    let (thread_life, thread_limit) = (life.clone(), limit.clone());
    std::thread::Builder::new()
        .name("inference".to_owned())
        .spawn(move || {
            // Nobody listens any more when the drain time is over.
            let _ = done.send(serve(&args, unpacked, &thread_life, thread_limit, &served));
        })
        .map_err(ReplicaError::system("the inference thread cannot be started"))?;

    let overdue = async {
        life.draining().await;
        tokio::time::sleep(drain).await;
    };
    tokio::pin!(overdue);
    let mut look = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            outcome = &mut finished => return outcome.unwrap_or(Err(ReplicaError::Defect)),
            () = &mut overdue => {
                say!("{id}: requests still run after {} s, ending anyway", drain.as_secs());
                return Ok(());
            }
            _ = look.tick() => limit.enforce(Instant::now()),
        }
    }
}

fn serve(
    args: &ReplicaArgs,
    unpacked: Option<PathBuf>,
    life: &Life,
    limit: Arc<TimeLimit>,
    shared: &OnceLock<Arc<Served>>,
) -> Result<(), ReplicaError> {
    let started = Instant::now();
    let missing = |argument| ReplicaError::Missing { runtime: "onnx", argument };
    let path = args.socket.as_ref().ok_or_else(|| missing("--socket"))?;
    let name = args.model.as_ref().ok_or_else(|| missing("--model"))?;
    let artifact = args.artifact.as_ref().ok_or_else(|| missing("--artifact"))?;
    let digest = args.digest.as_ref().ok_or_else(|| missing("--digest"))?;
    let source = match unpacked {
        Some(place) if place.is_dir() => Source::Place(mlflow::onnx(&place)?),
        Some(place) => Source::Place(place),
        None => Source::Content(artifact::read(artifact, digest)?),
    };
    let model = Model::load(&source, args.onnxruntime.as_deref(), args.threads, limit)?;
    drop(source);
    let user_config = serde_json::from_str(&args.user_config).map_err(ReplicaError::UserConfig)?;
    let config = BuiltInConfig::read(&user_config).map_err(ReplicaError::UserConfigRefused)?;
    let tuning = Tuning::of(&model, &config).map_err(ReplicaError::UserConfigRefused)?;
    if let Err(cause) = model.warm_up() {
        say!("{}: the warm-up request was not answered, which need not mean anything: {cause}", args.id);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(ReplicaError::system("the inference thread's event loop cannot be started"))?;
    runtime.block_on(async {
        let socket = Socket::bind(path).map_err(|cause| ReplicaError::Socket { path: path.clone(), cause })?;
        let (listener, _file) = socket.into_parts();
        let served = Arc::new(Served::new(model, name.clone(), args.max_body_bytes, tuning));
        let router = protocol::router(shared.get_or_init(|| served).clone());
        life.advance(Phase::Serving);
        say!("{}: serves {} of {} after {} ms", args.id, name, args.deployment, started.elapsed().as_millis());
        let ends = life.clone();
        connection::serve(listener, router, None, async move { ends.draining().await }).await;
        Ok(())
    })
}
