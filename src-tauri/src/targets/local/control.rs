//! Questions to a replica over its control socket: who are you, are you ready, will you take this `user_config`?

use std::path::Path;
use std::time::Duration;

use domain::id::RevisionNumber;
use domain::replica::Doing;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::net::UnixStream;

/// Largest answer that is read, in bytes.
const LARGEST: usize = 16 * 1024;

/// The identity that a replica states.
#[derive(Debug, Deserialize)]
pub(super) struct ToldIdentity {
    pub(super) id: String,
    pub(super) instance: String,
    pub(super) pid: u32,
    /// The revision whose `user_config` the replica was last given.
    pub(super) revision: RevisionNumber,
}

/// The reason why a question was not answered.
#[derive(Debug, thiserror::Error)]
pub(super) enum ControlError {
    #[error("it did not answer within {} ms", .0.as_millis())]
    Timeout(Duration),
    #[error("it cannot be reached: {0}")]
    Connect(#[from] std::io::Error),
    #[error("{0}")]
    NotTaken(String),
    /// The replica would refuse again.
    #[error("{0}")]
    Refused(String),
    #[error("it answered something unreadable: {0}")]
    Answer(Box<dyn std::error::Error + Send + Sync>),
}

/// The reason why a replica is not ready.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unready {
    /// The reason that the replica itself states.
    #[error("{}", .0.what)]
    Says(Doing),
    /// The replica says nothing.
    #[error(transparent)]
    Silent(ControlError),
}

/// Asks the replica for its identity.
pub(super) async fn identity(socket: &Path, timeout: Duration) -> Result<ToldIdentity, ControlError> {
    let (_, body) = get(socket, "/identity", timeout).await?;
    serde_json::from_slice(&body).map_err(|error| ControlError::Answer(error.into()))
}

/// Asks whether the replica is ready; an error says why it is not.
pub(super) async fn ready(socket: &Path, timeout: Duration) -> Result<(), Unready> {
    match get(socket, "/ready", timeout).await {
        Ok((StatusCode::OK, _)) => Ok(()),
        Ok((_, body)) => Err(Unready::Says(doing(&body))),
        Err(error) => Err(Unready::Silent(error)),
    }
}

/// The activity that a replica states while it is not ready.
fn doing(body: &[u8]) -> Doing {
    #[derive(Deserialize)]
    struct Unready {
        reason: String,
        #[serde(default)]
        preparing: bool,
    }
    match serde_json::from_slice(body) {
        Ok(Unready { reason, preparing }) => Doing { what: reason, preparing },
        Err(_) => Doing { what: String::from_utf8_lossy(body).trim().to_owned(), preparing: false },
    }
}

/// A new `user_config`, and the revision that it is of.
#[derive(Debug, Serialize)]
pub(super) struct Given<'a> {
    pub(super) revision: RevisionNumber,
    pub(super) user_config: &'a Value,
}

/// Gives the replica a new `user_config`.
pub(super) async fn configure(socket: &Path, given: &Given<'_>, timeout: Duration) -> Result<(), ControlError> {
    let body = serde_json::to_vec(given).map_err(|error| ControlError::Answer(error.into()))?;
    let request = Request::put("/user-config").header("content-type", "application/json");
    let request = request.header("host", "replica").body(Full::from(body));
    match exchange(socket, request, timeout).await? {
        (status, _) if status.is_success() => Ok(()),
        (status, body) => {
            let why = String::from_utf8_lossy(&body).trim().to_owned();
            let refused = status == StatusCode::UNPROCESSABLE_ENTITY;
            Err(if refused { ControlError::Refused(why) } else { ControlError::NotTaken(why) })
        }
    }
}

async fn get(socket: &Path, path: &str, timeout: Duration) -> Result<(StatusCode, Bytes), ControlError> {
    exchange(socket, Request::get(path).header("host", "replica").body(Full::default()), timeout).await
}

async fn exchange(
    socket: &Path,
    request: hyper::http::Result<Request<Full<Bytes>>>,
    timeout: Duration,
) -> Result<(StatusCode, Bytes), ControlError> {
    let request = request.map_err(|error| ControlError::Answer(error.into()))?;
    tokio::time::timeout(timeout, ask(socket, request)).await.map_err(|_| ControlError::Timeout(timeout))?
}

async fn ask(socket: &Path, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes), ControlError> {
    let failed = |error: hyper::Error| ControlError::Answer(error.into());
    let stream = UnixStream::connect(socket).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    let exchange = async {
        let response = sender.send_request(request).await.map_err(failed)?;
        let status = response.status();
        let body = Limited::new(response.into_body(), LARGEST).collect().await.map_err(ControlError::Answer)?;
        Ok((status, body.to_bytes()))
    };
    tokio::select! {
        biased;
        answer = exchange => answer,
        ended = connection => match ended {
            Ok(()) => Err(ControlError::Connect(std::io::ErrorKind::UnexpectedEof.into())),
            Err(error) => Err(failed(error)),
        },
    }
}
