//! The `onnx` runtime: loads the model and serves it, on a thread of its own. How any model is served there.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use axum::body::Body;
use axum::http::Request;
use domain::built_in::BuiltInConfig;
use domain::first_answers::FirstRequest;
use domain::id::ReplicaId;
use http_body_util::BodyExt as _;
use tokio::sync::oneshot;
use tower::ServiceExt as _;

use super::life::{Life, LifeStage};
use super::log::say;
use super::model::{Datatype, InferredOutput, LoadedModel, ModelInput, ModelOutput, Source, TimeLimit, Tuning};
use super::protocol::{self, Answers, InferenceRefusal, Sent, ServedModel};
use super::sockets::Socket;
use super::work::{OnnxWork, ServedHere, ThisReplica};
use super::{ReplicaError, artifact, first, limits, mlflow, unpacked};
use crate::connection;

/// The pause between two comparisons of a running inference with its time limit.
const LOOK: Duration = Duration::from_millis(200);

/// A model with the changes to its answers.
pub(super) struct Tuned {
    /// The model.
    pub(super) model: LoadedModel,
    tuning: ArcSwap<Tuning>,
}

impl Tuned {
    /// Answers requests that begin from now on with `tuning`, which was made for this model.
    pub(super) fn tune(&self, tuning: Tuning) {
        self.tuning.store(Arc::new(tuning));
    }
}

impl Answers for Tuned {
    fn platform(&self) -> &'static str {
        "onnx_onnxv1"
    }

    fn inputs(&self) -> &[ModelInput] {
        &self.model.inputs
    }

    fn outputs(&self) -> &[ModelOutput] {
        &self.model.outputs
    }

    fn datatype(&self, place: usize) -> Datatype {
        self.tuning.load().datatype(place, &self.model.outputs[place])
    }

    /// Answers in place: this thread does nothing else, and handing a request of some microseconds to another
    /// thread costs more than the inference itself.
    async fn infer(&self, sent: &mut Sent<'_>) -> Result<Vec<InferredOutput>, InferenceRefusal> {
        let tuning = self.tuning.load_full();
        let tensors = sent.tensors(&self.model.inputs)?;
        tuning.check(&self.model, &tensors)?;
        let mut answers = self.model.infer(tensors)?;
        tuning.apply(&mut answers)?;
        Ok(answers)
    }
}

/// Serves until the replica drains; returns when the last request is answered or the drain time is over.
///
/// The answering part is put into `served` before the first request.
pub(super) async fn run(
    replica: ThisReplica,
    work: OnnxWork,
    first: Option<FirstRequest>,
    life: Life,
    served: Arc<OnceLock<Arc<ServedModel<Tuned>>>>,
) -> Result<(), ReplicaError> {
    let unpacked = async {
        match &work.file.archive {
            Some(archive) => unpacked::unpacked(&work.file, archive, &replica.id, &life).await.map(Some),
            None => Ok(None),
        }
    };
    let Some(unpacked) = life.unless_draining(unpacked).await? else { return Ok(()) };
    let (unpacked, _used) = unpacked.unzip();
    limits::take(&replica.confinement)?;
    life.does("loading the model");
    let limit = Arc::new(TimeLimit::new(replica.patience));
    let (done, mut finished) = oneshot::channel();
    let (drain, id) = (replica.drain, replica.id.clone());
    let (thread_life, thread_limit) = (life.clone(), limit.clone());
    std::thread::Builder::new()
        .name("inference".to_owned())
        .spawn(move || {
            // Nobody listens any more when the drain time is over.
            let _ = done.send(serve(&replica, &work, unpacked, first.as_ref(), &thread_life, thread_limit, &served));
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
    replica: &ThisReplica,
    work: &OnnxWork,
    unpacked: Option<PathBuf>,
    first: Option<&FirstRequest>,
    life: &Life,
    limit: Arc<TimeLimit>,
    shared: &OnceLock<Arc<ServedModel<Tuned>>>,
) -> Result<(), ReplicaError> {
    let started = Instant::now();
    let source = match unpacked {
        Some(place) if place.is_dir() => Source::Place(mlflow::onnx(&place)?),
        Some(place) => Source::Place(place),
        None => Source::Content(artifact::read(&work.file.path, &work.file.digest)?),
    };
    let model = LoadedModel::load(&source, work.library.as_deref(), work.threads, limit)?;
    drop(source);
    let user_config = serde_json::from_str(&replica.user_config).map_err(ReplicaError::UserConfig)?;
    let config = BuiltInConfig::read(&user_config).map_err(ReplicaError::UserConfigRefused)?;
    let tuning = Tuning::of(&model, &config).map_err(ReplicaError::UserConfigRefused)?;
    if let Err(cause) = model.warm_up() {
        say!("{}: the warm-up request was not answered, which need not mean anything: {cause}", replica.id);
    }
    let model = Tuned { model, tuning: ArcSwap::from_pointee(tuning) };
    let ServedHere { socket, name, max_body_bytes } = &work.served;
    let served = Arc::new(ServedModel { model, name: name.clone(), max_body_bytes: *max_body_bytes });
    let router = protocol::router(shared.get_or_init(|| served).clone());
    let id = &replica.id;
    let serves = || say!("{id}: serves {name} of {} after {} ms", replica.deployment, started.elapsed().as_millis());
    this_threads_runtime()?.block_on(listen(socket, router, (id, first), life, serves))
}

/// An event loop for the thread that answers requests.
pub(super) fn this_threads_runtime() -> Result<tokio::runtime::Runtime, ReplicaError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(ReplicaError::system("the inference thread's event loop cannot be started"))
}

/// Answers at `path` until the replica drains and the last request is answered, once the replica with this id has answered
/// what it is asked first. `serves` is called once it listens.
pub(super) async fn listen(
    path: &Path,
    router: axum::Router,
    (id, first): (&ReplicaId, Option<&FirstRequest>),
    life: &Life,
    serves: impl FnOnce(),
) -> Result<(), ReplicaError> {
    let socket = Socket::bind(path).map_err(|cause| ReplicaError::Socket { path: path.to_owned(), cause })?;
    let (listener, _file) = socket.into_parts();
    if let Some(request) = first {
        let ask = || async { Some(ask(router.clone(), request).await) };
        tokio::select! {
            () = first::until_answered(id.as_str(), request, ask, |why| life.does(&why)) => {}
            () = life.draining() => return Ok(()),
        }
    }
    life.advance(LifeStage::Serving);
    serves();
    let ends = life.clone();
    connection::serve(listener, router, None, async move { ends.draining().await }).await;
    Ok(())
}

/// Sends a sample request through the routes themselves: the status of the answer, and its body.
async fn ask(router: axum::Router, request: &FirstRequest) -> Result<(u16, Vec<u8>), String> {
    let request = Request::post(&request.path).body(Body::from(request.body.to_string()));
    let response = match router.oneshot(request.map_err(|error| error.to_string())?).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.map_err(|error| error.to_string())?;
    Ok((status, body.to_bytes().to_vec()))
}
