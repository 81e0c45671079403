//! The answers of a replica, and the changes that its faults make to them.

use std::convert::Infallible;
use std::future::pending;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use futures_util::stream::{self, StreamExt as _};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::fault::Fault;

/// Largest body that it reads, in bytes.
const LARGEST: usize = 1 << 20;

/// A replica that answers.
pub(crate) struct Replica {
    faults: Vec<Fault>,
    began: Instant,
    user_config: Mutex<Value>,
    asked: AtomicU64,
}

impl Replica {
    /// One that begins now.
    pub(crate) fn new(faults: Vec<Fault>, user_config: Value) -> Self {
        Self { faults, began: Instant::now(), user_config: Mutex::new(user_config), asked: AtomicU64::new(0) }
    }

    /// The status of its health route now.
    fn health(&self) -> StatusCode {
        let age = self.began.elapsed();
        for fault in &self.faults {
            match fault {
                Fault::Health500(after) if age >= *after => return StatusCode::INTERNAL_SERVER_ERROR,
                Fault::Flap(turn) if age.as_nanos() / turn.as_nanos() % 2 == 1 => {
                    return StatusCode::SERVICE_UNAVAILABLE;
                }
                _ => {}
            }
        }
        StatusCode::OK
    }

    fn hangs(&self) -> bool {
        self.faults.iter().any(|fault| matches!(fault, Fault::Hang(after) if self.began.elapsed() >= *after))
    }

    fn answer(&self) -> Value {
        let user_config = self.user_config.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let species = json!({"name": "species", "datatype": "BYTES", "shape": [1], "data": ["setosa"]});
        json!({"outputs": [species], "user_config": user_config, "pid": std::process::id()})
    }
}

/// Everything that it answers; a path that it does not know is a prediction.
pub(crate) fn router(replica: Arc<Replica>) -> Router {
    Router::new()
        .route("/v2/health/ready", get(async |State(replica): State<Arc<Replica>>| replica.health()))
        .route("/stream", get(tokens))
        .route("/reconfigure", post(reconfigure))
        .fallback(post(predict))
        .layer(from_fn_with_state(replica.clone(), unless_it_hangs))
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(replica)
}

async fn unless_it_hangs(State(replica): State<Arc<Replica>>, request: Request, next: Next) -> Response {
    if replica.hangs() { pending().await } else { next.run(request).await }
}

/// Takes the whole body first, as a model server does.
async fn predict(State(replica): State<Arc<Replica>>, _whole: Bytes) -> Response {
    let number = replica.asked.fetch_add(1, Ordering::Relaxed) + 1;
    for fault in &replica.faults {
        match fault {
            Fault::CrashAfter(answered) if number > *answered => {
                eprintln!("it was told to crash after {answered} predictions");
                std::process::exit(3);
            }
            Fault::AnswerSlowly(time) => tokio::time::sleep(*time).await,
            Fault::HalfAnswer => return half(&replica.answer()),
            _ => {}
        }
    }
    Json(replica.answer()).into_response()
}

/// Promises twice what it sends, and breaks off.
fn half(answer: &Value) -> Response {
    let text = answer.to_string();
    let promised = text.len() * 2;
    let sent = stream::once(async { Ok(Bytes::from(text)) });
    let broken = stream::once(async {
        // What was sent is on its way before the connection is closed.
        tokio::task::yield_now().await;
        Err(std::io::Error::other("this half is missing"))
    });
    let body = Body::from_stream(sent.chain(broken));
    ([(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_LENGTH, promised.to_string())], body)
        .into_response()
}

async fn reconfigure(State(replica): State<Arc<Replica>>, body: Bytes) -> Response {
    match serde_json::from_slice::<Value>(&body) {
        Ok(user_config) => {
            *replica.user_config.lock().unwrap_or_else(PoisonError::into_inner) = user_config;
            Json(replica.answer()).into_response()
        }
        Err(error) => (StatusCode::BAD_REQUEST, format!("the user_config is not JSON: {error}\n")).into_response(),
    }
}

/// The number of tokens, and the number of milliseconds between two of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tokens {
    tokens: u32,
    every: u32,
}

/// Server-sent tokens, and `[DONE]` at their end.
async fn tokens(Query(Tokens { tokens, every }): Query<Tokens>) -> Response {
    let pause = Duration::from_millis(every.into());
    let numbers = stream::iter(0..=tokens).then(move |number| async move {
        if number > 0 {
            tokio::time::sleep(pause).await;
        }
        Ok::<_, Infallible>(if number < tokens {
            format!("data: token {number}\n\n")
        } else {
            "data: [DONE]\n\n".to_owned()
        })
    });
    ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(numbers)).into_response()
}
