//! A server without sockets, and a few words to ask it with.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use bytes::Bytes;
use domain::caller::Caller;
use domain::deployment::Status;
use domain::event::Event;
use domain::id::{DeploymentId, RevisionNumber, RolloutNumber};
use domain::replica::{Intent, Observed, ReplicaRecord};
use domain::resources::Machine;
use domain::rollout::{Phase, RolloutEvent};
use domain::wire::{Receipt, SettingsView};
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::live::FakeLive;
use crate::api::{Api, Bounds, Live, Parts, Vouching};
use crate::clock::Clock;
use crate::commands::{Moment, Refusal};
use crate::courier::{self, Courier};
use crate::events::Events;
use crate::http::{Access, Outside, router};
use crate::packages::artifacts::Artifacts;
use crate::store::{Reading, Store, Writing};

pub(super) const TOKEN: &str = "a token that is long enough";
pub(super) const HOST: &str = "127.0.0.1:7070";
const BOUNDARY: &str = "a boundary between parts";

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Reply {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }
    /// The body of an answer with this status.
    #[track_caller]
    pub(super) fn is(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self.json()
    }
    /// The problem of a refusal with this code, with everything that every problem has.
    #[track_caller]
    pub(super) fn refused(&self, status: u16, code: &str) -> Value {
        let problem = self.is(status);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["type"], format!("urn:changeover:problem:{code}"));
        assert_eq!(problem["status"], status);
        for text in ["title", "detail"] {
            assert!(problem[text].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
        }
        problem
    }
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// A server without sockets.
pub(super) struct Rig {
    pub(super) folder: TempDir,
    pub(super) store: Arc<Store>,
    pub(super) stopping: CancellationToken,
    pub(super) api: Arc<Api>,
    pub(super) live: Arc<FakeLive>,
    pub(super) router: Router,
    pub(super) clock: Clock,
}

pub(super) fn rig() -> Rig {
    rig_with(Bounds::default())
}

pub(super) fn rig_with(bounds: Bounds) -> Rig {
    rig_in(tempfile::tempdir().unwrap(), bounds, false)
}

/// A server whose own token counts for nothing where somebody has to stay an administrator.
pub(super) fn closed_rig() -> Rig {
    rig_in(tempfile::tempdir().unwrap(), Bounds::default(), true)
}

/// A server with this identity provider.
pub(super) fn rig_vouched(vouching: Vouching, closed: bool) -> Rig {
    build(tempfile::tempdir().unwrap(), Bounds::default(), closed, Some(vouching))
}

/// A server with the data directory `folder`.
pub(super) fn rig_in(folder: TempDir, bounds: Bounds, closed: bool) -> Rig {
    build(folder, bounds, closed, None)
}

fn build(folder: TempDir, bounds: Bounds, closed: bool, vouching: Option<Vouching>) -> Rig {
    let live = Arc::new(FakeLive::default());
    let store = Store::open(folder.path(), Events::default()).unwrap().before_commit(crate::commands::tell);
    let store = Arc::new(store);
    let stopping = CancellationToken::new();
    // Time goes as the tests let it, whatever the system does meanwhile.
    let clock = Clock::anchored(Clock::start(store.read(|reading| reading.newest_at()).unwrap()).now());
    let api = Api::new(Parts {
        clock: clock.clone(),
        store: Arc::clone(&store),
        artifacts: Arc::new(Artifacts::open(&folder.path().join("artifacts")).unwrap()),
        live: Arc::clone(&live) as Arc<dyn Live>,
        bounds,
        stopping: stopping.clone(),
        closed,
        courier: courier(&store, &clock),
        vouching,
        settings: SettingsView::default(),
    });
    let access = Access::token(TOKEN, caller("local"), HOST.parse().unwrap(), &[], Outside::default());
    let router = router(Arc::clone(&api), access);
    Rig { folder, store, stopping, api, live, router, clock }
}

fn courier(store: &Arc<Store>, clock: &Clock) -> Arc<Courier> {
    let (store, clock) = (Arc::clone(store), clock.clone());
    let allowed = "127.0.0.1:9".to_owned().try_into().unwrap();
    let parts = courier::Parts { store, clock, mail: None, webhook_allow: vec![allowed], base: String::new() };
    Courier::new(parts).unwrap()
}

pub(super) fn caller(name: &str) -> Caller {
    Caller::new(name.parse().unwrap())
}

pub(super) fn model_file(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/models").join(name)).unwrap()
}

/// A request with host and token.
pub(super) fn request(method: &str, path: &str) -> axum::http::request::Builder {
    // A second slash means a path outside /api/v1.
    let path =
        path.strip_prefix('/').filter(|path| path.starts_with('/')).map_or(format!("/api/v1{path}"), str::to_owned);
    Request::builder().method(method).uri(path).header("host", HOST).header("authorization", format!("Bearer {TOKEN}"))
}

/// The parts of a registration.
pub(super) fn form(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, content) in parts {
        let file = if *name == "file" { "; filename=\"m.onnx\"" } else { "" };
        let head = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

pub(super) fn form_type() -> String {
    format!("multipart/form-data; boundary=\"{BOUNDARY}\"")
}

impl Rig {
    /// The server's time.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Reply { status: head.status, headers: head.headers, body }
    }

    pub(super) async fn get(&self, path: &str) -> Reply {
        self.send(request("GET", path).body(Body::empty()).unwrap()).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Reply {
        self.with(Method::POST, path, &[], body).await
    }

    /// A request with a JSON body and further headers.
    pub(super) async fn with(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Value) -> Reply {
        let mut request = request(method.as_str(), path).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    pub(super) async fn upload(&self, headers: &[(&str, &str)], parts: &[(&str, &[u8])]) -> Reply {
        let mut request = request("POST", "/models").header("content-type", form_type());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(form(parts))).unwrap()).await
    }

    pub(super) async fn register(&self, name: &str, file: &str) -> Reply {
        let meta = json!({ "name": name }).to_string();
        self.upload(&[], &[("meta", meta.as_bytes()), ("file", &model_file(file))]).await
    }

    /// Both versions of `iris`, and the deployment `iris` with version 1, whose first rollout has just begun.
    pub(super) async fn deployed(&self) -> Value {
        self.register("iris", "iris-v1.onnx").await.is(201);
        self.register("iris", "iris-v2.onnx").await.is(201);
        let body = json!({"name": "iris", "configuration": {"models": ["iris@1"], "replicas": 3}});
        self.post("/deployments", body).await.is(202)
    }

    /// The same, with the first rollout completed.
    pub(super) async fn running(&self) -> Value {
        let deployment = self.deployed().await;
        self.complete(1);
        deployment
    }

    pub(super) fn write(&self, write: impl FnOnce(&mut Writing<'_>, &DeploymentId)) {
        let caller = caller("local");
        let find = |reading: &Reading<'_>| {
            Moment { reading: *reading, caller: &caller, machines: &Machine::ENDLESS }.find("iris")
        };
        let id = self.store.read(find).unwrap().id;
        let engine = "engine".parse().unwrap();
        let written = self.store.write(&engine, Timestamp::now(), |writing| {
            write(writing, &id);
            Ok::<_, Refusal>(())
        });
        written.unwrap();
    }

    /// Lets a rollout of `iris` come to its end, as the engine would.
    pub(super) fn complete(&self, number: u32) {
        self.write(|writing, id| {
            for (event, phase) in [(RolloutEvent::Begin, Phase::Rolling), (RolloutEvent::Settle, Phase::Completed)] {
                let (number, receipt) = (RolloutNumber(number), Receipt::default());
                writing
                    .append(
                        Some(id),
                        Event::RolloutMoved { number, event, phase, problem: None, receipt, blameless: false },
                    )
                    .unwrap();
            }
            writing.append(Some(id), Event::StatusChanged { status: Status::Running, error: None }).unwrap();
        });
    }

    /// Gives `iris` a replica that is ready and holds so much of the machine.
    pub(super) fn replica_of(&self, id: &str, claim: domain::resources::Claim, since: Timestamp) {
        self.add(id, Intent::Run, Observed::Ready { since }, claim);
    }

    /// Gives `iris` a replica.
    pub(super) fn replica(&self, id: &str, intent: Intent, observed: Observed) {
        self.add(id, intent, observed, domain::resources::Claim::default());
    }

    fn add(&self, id: &str, intent: Intent, observed: Observed, claim: domain::resources::Claim) {
        let new = ReplicaRecord::new(id.parse().unwrap(), RevisionNumber(1), Timestamp::now());
        let replica = ReplicaRecord { intent, observed, claim, ..new };
        self.write(|writing, id| {
            writing.append(Some(id), Event::ReplicaChanged { replica }).unwrap();
        });
    }
}
