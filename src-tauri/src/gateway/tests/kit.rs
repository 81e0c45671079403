//! The rig that the tests share: a gateway, replicas that do as told, and a client.

use std::future::Future;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use axum::body::Body;
use domain::id::{DeploymentId, ReplicaId, RevisionNumber};
use domain::receipt::Counts;
use domain::replica::{Handle, Process};
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixListener};
use tokio::sync::{Semaphore, broadcast};
use tokio::task::JoinHandle;

use crate::gateway::{Address, Credential, Gateway, Route, RouteReplica, Settings};

/// The time that a condition may take to come true before a test fails.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) fn settings() -> Settings {
    Settings { listen: SocketAddr::from(([127, 0, 0, 1], 0)), threads: 2, ..Settings::default() }
}

pub(super) fn gateway() -> Gateway {
    Gateway::start(settings()).unwrap()
}

pub(super) fn iris() -> DeploymentId {
    "d-iris".parse().unwrap()
}

/// A route with generous limits.
pub(super) fn route(replicas: &[&Replica]) -> Route {
    Route {
        name: "iris".parse().unwrap(),
        active: true,
        scoring_timeout: PATIENCE,
        max_queue: PATIENCE,
        max_concurrent_requests: NonZeroU32::new(1000).unwrap(),
        credential: Credential::None,
        request_log: false,
        data_collection: false,
        replicas: replicas.iter().map(|replica| replica.entry.clone()).collect(),
    }
}

pub(super) fn url(gateway: &Gateway, path: &str) -> String {
    format!("http://{}/{path}", gateway.local_addr())
}

/// A client that keeps connections alive.
pub(super) fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap()
}

/// Status and code of a problem response, after looking at the rest of it.
pub(super) async fn problem(response: reqwest::Response) -> (u16, String) {
    let status = response.status().as_u16();
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert_eq!(response.headers().contains_key("retry-after"), status == 503);
    assert!(!response.headers().contains_key("x-changeover-replica"), "no replica answered");
    let problem: serde_json::Value = response.json().await.unwrap();
    assert_eq!(problem["status"], status);
    for member in ["type", "title", "detail"] {
        assert!(!problem[member].as_str().unwrap().is_empty(), "{problem}");
    }
    assert_eq!(problem["error"], problem["detail"], "clients of the Open Inference Protocol look for it");
    (status, problem["code"].as_str().unwrap().to_owned())
}

/// Waits for a condition.
pub(super) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let mut often = tokio::time::interval(Duration::from_millis(1));
    let waited = tokio::time::timeout(PATIENCE, async {
        while !holds() {
            often.tick().await;
        }
    });
    assert!(waited.await.is_ok(), "did not happen: {what}");
}

/// Waits for something that must happen.
pub(super) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("it did not happen")
}

/// Requests waiting in line.
pub(super) fn waiting(gateway: &Gateway) -> usize {
    gateway.0.known.lock().unwrap()[&iris()].deployment.queue.len()
}

pub(super) fn total(gateway: &Gateway) -> Counts {
    gateway.tally(&iris()).total
}

/// A whole exchange over a socket of its own, as bytes; the server must close.
pub(super) async fn raw(gateway: &Gateway, request: &str) -> String {
    let mut socket = TcpStream::connect(gateway.local_addr()).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    soon(socket.read_to_end(&mut answer)).await.unwrap();
    String::from_utf8(answer).unwrap()
}

type Answering = Pin<Box<dyn Future<Output = Response<Body>> + Send>>;

/// A replica that does what its test says.
pub(super) struct Replica {
    pub(super) entry: RouteReplica,
    pub(super) seen: Arc<Seen>,
    task: JoinHandle<()>,
    _folder: TempDir,
}

/// A request as a replica has seen it.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) connections: AtomicUsize,
    pub(super) requests: AtomicUsize,
    pub(super) in_flight: AtomicUsize,
}

struct InFlight(Arc<Seen>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, SeqCst);
    }
}

impl Replica {
    /// One on a Unix socket.
    pub(super) fn new<F>(id: &str, revision: u32, answer: F) -> Self
    where
        F: Fn(Request<Incoming>) -> Answering + Send + Sync + 'static,
    {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        let seen = Arc::new(Seen::default());
        let (answer, counted) = (Arc::new(answer), seen.clone());
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, counted.clone(), answer.clone()));
            }
        });
        Self::with(id, revision, Address::Unix(path), seen, task, folder)
    }

    /// One on a TCP port.
    pub(super) async fn tcp<F>(id: &str, revision: u32, answer: F) -> Self
    where
        F: Fn(Request<Incoming>) -> Answering + Send + Sync + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = Address::Tcp(listener.local_addr().unwrap());
        let seen = Arc::new(Seen::default());
        let (answer, counted) = (Arc::new(answer), seen.clone());
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, counted.clone(), answer.clone()));
            }
        });
        Self::with(id, revision, address, seen, task, tempfile::tempdir().unwrap())
    }

    /// One that answers each connection with bytes, as `behave` does.
    pub(super) fn bytes<F, R>(id: &str, revision: u32, behave: F) -> Self
    where
        F: Fn(tokio::net::UnixStream, Arc<Seen>) -> R + Send + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        let seen = Arc::new(Seen::default());
        let counted = seen.clone();
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                counted.connections.fetch_add(1, SeqCst);
                tokio::spawn(behave(socket, counted.clone()));
            }
        });
        Self::with(id, revision, Address::Unix(path), seen, task, folder)
    }

    /// One that answers with its id at once.
    pub(super) fn quick(id: &str, revision: u32) -> Self {
        let text = id.to_owned();
        Self::new(id, revision, move |_| {
            let response = Response::new(Body::from(text.clone()));
            Box::pin(async { response })
        })
    }

    /// One that answers only when `gate` gives a permit, which it keeps.
    pub(super) fn held(id: &str, revision: u32, gate: &Arc<Semaphore>) -> Self {
        let (text, gate) = (id.to_owned(), gate.clone());
        Self::new(id, revision, move |_| {
            let (text, gate) = (text.clone(), gate.clone());
            Box::pin(async move {
                gate.acquire().await.unwrap().forget();
                Response::new(Body::from(text))
            })
        })
    }

    /// One that nobody can connect to.
    pub(super) fn unreachable(id: &str, revision: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = Address::Unix(folder.path().join("nobody"));
        Self::with(id, revision, address, Arc::default(), tokio::spawn(async {}), folder)
    }

    fn with(
        id: &str,
        revision: u32,
        address: Address,
        seen: Arc<Seen>,
        task: JoinHandle<()>,
        _folder: TempDir,
    ) -> Self {
        let entry = RouteReplica {
            id: id.parse().unwrap(),
            revision: RevisionNumber(revision),
            address,
            handle: Some(Handle::Process(own_process())),
        };
        Self { entry, seen, task, _folder }
    }

    pub(super) fn id(&self) -> &ReplicaId {
        &self.entry.id
    }

    pub(super) fn requests(&self) -> usize {
        self.seen.requests.load(SeqCst)
    }

    pub(super) fn connections(&self) -> usize {
        self.seen.connections.load(SeqCst)
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve<S, F>(socket: S, seen: Arc<Seen>, answer: Arc<F>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    F: Fn(Request<Incoming>) -> Answering + Send + Sync + 'static,
{
    seen.connections.fetch_add(1, SeqCst);
    let service = service_fn(move |request| {
        seen.requests.fetch_add(1, SeqCst);
        seen.in_flight.fetch_add(1, SeqCst);
        let in_flight = InFlight(seen.clone());
        let answer = answer(request);
        async move {
            let response = answer.await;
            drop(in_flight);
            Ok::<_, std::convert::Infallible>(response)
        }
    });
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), service).await;
}

/// Waits until the gateway says that a replica of the deployment is drained.
pub(super) async fn drained(listener: &mut broadcast::Receiver<DeploymentId>) {
    assert_eq!(soon(listener.recv()).await.unwrap(), iris());
}

/// This very process, in whose place replicas answer here.
pub(super) fn own_process() -> Process {
    let stat = procfs::process::Process::myself().unwrap().stat().unwrap();
    Process { pid: std::process::id(), start_ticks: stat.starttime }
}
