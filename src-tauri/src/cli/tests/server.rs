//! A server that answers what it was told to, and remembers what it was asked.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::{Call, Outcome};

/// A request as it was received.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) line: String,
    pub(super) authorization: Option<String>,
    pub(super) idempotency_key: Option<String>,
    pub(super) content_type: String,
    pub(super) body: Vec<u8>,
}

impl Asked {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// An answer that the server was told to give.
#[derive(Clone, Debug)]
pub(super) struct Told {
    status: u16,
    kind: &'static str,
    head: Vec<(&'static str, String)>,
    body: String,
}

impl Told {
    /// With one more header.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.head.push((name, value.into()));
        self
    }
}

pub(super) fn ok(body: &Value) -> Told {
    Told { status: 200, kind: "application/json", head: Vec::new(), body: body.to_string() }
}

pub(super) fn accepted(body: &Value) -> Told {
    Told { status: 202, ..ok(body) }
}

pub(super) fn text(status: u16, kind: &'static str, body: &str) -> Told {
    Told { status, kind, head: Vec::new(), body: body.to_owned() }
}

pub(super) fn problem(status: u16, code: &str, detail: &str) -> Told {
    let body = json!({"type": format!("urn:changeover:problem:{code}"), "title": "It does not work", "status": status,
        "detail": detail, "code": code, "operation": "update", "field": null,
        "compatibility": {"verdict": "warning"}, "revisions": [{"revision": 1}], "deployments": ["iris"]});
    Told { status, kind: "application/problem+json", head: Vec::new(), body: body.to_string() }
}

type Script = dyn Fn(&Asked) -> Told + Send + Sync;

/// The server.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: JoinHandle<()>,
}

impl Server {
    /// Answers by `script`. Every answer ends its connection, so that a stopped server is gone at once.
    pub(super) async fn start(script: impl Fn(&Asked) -> Told + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (script, seen): (Arc<Script>, _) = (Arc::new(script), asked.clone());
        let router = Router::new().fallback(move |request: Request| answer(script.clone(), seen.clone(), request));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, asked, task }
    }

    /// Answers by the beginning of the request line; what is not in the list is `404 not_found`.
    pub(super) async fn with(answers: Vec<(&'static str, Told)>) -> Self {
        Self::start(move |asked| {
            let told = answers.iter().find(|(line, _)| *line == asked.line).map(|(_, told)| told.clone());
            told.unwrap_or_else(|| problem(404, "not_found", &format!("nothing is told for {}", asked.line)))
        })
        .await
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The request lines, in order.
    pub(super) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }

    /// The body of the request with this line.
    pub(super) fn body(&self, line: &str) -> Value {
        self.asked().iter().find(|asked| asked.line == line).unwrap_or_else(|| panic!("{:?}", self.lines())).json()
    }

    pub(super) fn stop(&self) {
        self.task.abort();
    }

    /// A call to this server with a token.
    pub(super) fn call(&self, words: &[&str]) -> Call {
        Call::new(&[words, &["--server", &self.url(), "--token", "s3cret"]].concat())
    }

    pub(super) async fn run(&self, words: &[&str]) -> Outcome {
        self.call(words).run().await
    }
}

async fn answer(script: Arc<Script>, seen: Arc<Mutex<Vec<Asked>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let header = |name: &str| parts.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let path = parts.uri.to_string();
    let asked = Asked {
        line: format!("{} {}", parts.method, path.strip_prefix("/api/v1").unwrap_or(&path)),
        authorization: header("authorization"),
        idempotency_key: header("idempotency-key"),
        content_type: header("content-type").unwrap_or_default(),
        body: to_bytes(body, 1 << 20).await.unwrap().to_vec(),
    };
    let told = script(&asked);
    seen.lock().unwrap().push(asked);
    let head = told.head.into_iter().fold(Response::builder(), |head, (name, value)| head.header(name, value));
    head.status(StatusCode::from_u16(told.status).unwrap())
        .header(CONTENT_TYPE, told.kind)
        .header("connection", "close")
        .body(Body::from(told.body))
        .unwrap()
}

/// A deployment with this rollout in progress.
pub(super) fn deployment(rollout: Option<u32>) -> Value {
    json!({
        "id": "d1", "name": "iris", "url": "http://127.0.0.1:7080/iris", "target": "local", "importance": "high",
        "on_failure": "revert", "expires_at": null, "status": "running", "target_status": "running",
        "last_operation": {"kind": "update", "at": "2024-05-01T10:00:00Z", "actor": "ada"},
        "operation": rollout.map(|number| json!({"operation": "update", "actor": "ada",
            "since": "2024-05-01T10:00:00Z", "rollout": number})),
        "configuration": "c1", "configuration_name": "iris@1", "models": ["iris@1"], "revision": 2,
        "last_running_configuration": "c1", "generation": 4,
        "replicas": {"desired": 5, "ready": 4, "starting": 1, "draining": 0, "unready": 0},
        "rollout": rollout, "newer_model_versions": ["iris@2"], "error": null,
        "created_at": "2024-05-01T09:00:00Z", "created_by": "ada",
        "traffic": {"requests_per_second": 12.34, "error_share": 0.0, "p95_ms": 4.2, "spark": []},
    })
}

/// Rollout 3 of it, with that many of its steps taken.
pub(super) fn rollout(phase: &str, steps: usize) -> Value {
    let over = !["pending", "rolling", "paused", "reverting"].contains(&phase);
    let all = [("start", "one more may run"), ("drain", "4 are available"), ("stop", "it is drained")];
    let steps: Vec<Value> = (all[..steps].iter().enumerate())
        .map(|(n, (kind, reason))| {
            json!({"kind": kind, "reason": reason, "at": format!("2024-05-01T10:00:0{n}Z"), "replica": format!("r{n}")})
        })
        .collect();
    json!({
        "number": 3, "from_revision": 2, "to_revision": 3, "phase": phase,
        "strategy": {"max_surge": 0, "max_unavailable": "20%", "min_ready_seconds": 0,
            "progress_deadline_seconds": 600, "total_deadline_seconds": null},
        "reason": "accuracy", "note": null, "actor": "ada", "started_at": "2024-05-01T10:00:00Z",
        "ended_at": over.then_some("2024-05-01T10:00:03.4Z"), "deadline_at": null,
        "error": (phase == "reverted").then_some("no replica became ready within 600 s"),
        "steps": steps, "plan_hash": "h",
        "receipt": {"answered": 2041, "failed": 0, "retried": 1, "drained": 12, "longest_drain_ms": 35,
            "by_revision": {
                "2": {"answered": 1000, "failed": 0, "retried": 1, "drained": 12, "longest_drain_ms": 35},
                "3": {"answered": 1041, "failed": 0, "retried": 0, "drained": 0, "longest_drain_ms": 0}}},
    })
}

/// A configuration as it is shown.
pub(super) fn configuration() -> Value {
    let mut view = domain::configuration::Configuration::default().to_value();
    for (field, value) in [
        ("id", json!("c1")),
        ("name", json!("iris@1")),
        ("models", json!(["iris@1"])),
        ("in_use", json!(true)),
        ("revisions", json!([2])),
        ("content_hash", json!("h")),
        ("created_at", json!("2024-05-01T09:00:00Z")),
        ("created_by", json!("ada")),
    ] {
        view[field] = value;
    }
    view
}

/// The rehearsal of an update from 0.5 to 0.43, as `domain` plays it.
pub(super) fn rehearsal(unchanged: bool) -> Value {
    use domain::configuration::Configuration;
    use domain::rehearsal::{Rehearse, Running, rehearse};
    let read = |threshold: f64| {
        let value = json!({"models": ["iris@1"], "replicas": 5, "user_config": {"threshold": threshold}});
        serde_json::from_value::<Configuration>(value).unwrap().checked().unwrap()
    };
    let (current, candidate) = (read(0.5), if unchanged { read(0.5) } else { read(0.43) });
    let question = Rehearse {
        current: 5,
        desired: 5,
        running: if unchanged { Running::Alike } else { Running::Replaced },
        strategy: domain::strategy::Strategy::default(),
        startup_ms: 500,
        drain_ms: 100,
        drain_limit_ms: 60_000,
        scoring_timeout_ms: 60_000,
    };
    json!({"diff": domain::diff::between(&current, &candidate, domain::target::Traits::LOCAL), "configuration": candidate, "unchanged": unchanged,
        "plan": rehearse(&question), "plan_hash": "h", "compatibility": null})
}
