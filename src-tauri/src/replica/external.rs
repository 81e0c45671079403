//! The `external` runtime: the model answers elsewhere. This process looks at its URL and says how it is; it takes no
//! predictions, because whoever asks for one is told where the model really answers.

use std::io;
use std::sync::Arc;

use axum::Json;
use axum::http::uri::Scheme;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use domain::id::DeploymentName;
use http_body_util::Empty;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;
use tokio::sync::watch;

use super::ReplicaError;
use super::life::{Life, LifeStage};
use super::log::say;
use super::sockets::Socket;
use super::work::{ExternalWork, ThisReplica};
use crate::connection;

/// The last observation of the model: the reason why it is not well, if it is not.
#[derive(Clone)]
pub(super) struct Elsewhere(watch::Sender<Option<String>>);

impl Elsewhere {
    /// Nothing was seen yet.
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(Some("it has not been looked at yet".to_owned())))
    }

    /// The reason why the model is not well.
    pub(super) fn problem(&self) -> Option<String> {
        self.0.borrow().clone()
    }
}

/// Looks at the URL until the replica drains.
pub(super) async fn run(
    replica: ThisReplica,
    work: ExternalWork,
    life: Life,
    elsewhere: Elsewhere,
) -> Result<(), ReplicaError> {
    let ExternalWork { socket: path, url, period, timeout } = work;
    let (listener, _file) = Socket::bind(&path).map_err(|cause| ReplicaError::Socket { path, cause })?.into_parts();
    let answer = Arc::new((replica.deployment.clone(), url.clone()));
    let router = axum::Router::new().fallback(move || {
        let answer = answer.clone();
        async move { misdirected(&answer.0, &answer.1) }
    });
    tokio::spawn(connection::serve(listener, router, None, std::future::pending::<()>()));
    life.advance(LifeStage::Serving);
    say!("{}: watches {url} for {}", replica.id, replica.deployment);
    let asked =
        url.parse().map_err(|cause| ReplicaError::system("the URL cannot be asked")(io::Error::other(cause)))?;
    let (client, mut period) = (client(&asked)?, tokio::time::interval(period));
    loop {
        tokio::select! {
            () = life.draining() => return Ok(()),
            _ = period.tick() => {
                let seen = tokio::time::timeout(timeout, look(&client, &asked)).await;
                let seen = seen.unwrap_or_else(|_| Err(format!("{url} does not answer in time"))).err();
                elsewhere.0.send_if_modified(|before| {
                    let changed = *before != seen;
                    if let Some(problem) = seen.as_ref().filter(|_| changed) {
                        say!("{}: {problem}", replica.id);
                    }
                    *before = seen;
                    changed
                });
            }
        }
    }
}

/// Speaks http, and https with a server whose certificate the machine trusts (`SSL_CERT_FILE` names others).
type Asking = Client<HttpsConnector<HttpConnector>, Empty<Bytes>>;

/// Without redirects: what answers elsewhere is another model.
fn client(url: &Uri) -> Result<Asking, ReplicaError> {
    let failed = ReplicaError::system("the certificates that this machine trusts cannot be read");
    let builder = HttpsConnectorBuilder::new();
    let builder = match url.scheme() == Some(&Scheme::HTTPS) {
        true => builder.with_provider_and_native_roots(ring::default_provider()).map_err(failed)?,
        false => builder.with_tls_config(
            ClientConfig::builder_with_provider(ring::default_provider().into())
                .with_safe_default_protocol_versions()
                .map_err(io::Error::other)
                .map_err(failed)?
                .with_root_certificates(RootCertStore::empty())
                .with_no_client_auth(),
        ),
    };
    Ok(Client::builder(TokioExecutor::new()).build(builder.https_or_http().enable_http1().build()))
}

/// Asks once. Whatever answers below 500 is there, also when it wants another method or a credential. Of the answer only
/// its head is read.
async fn look(client: &Asking, url: &Uri) -> Result<(), String> {
    match client.get(url.clone()).await {
        Ok(answer) if answer.status().as_u16() < 500 => Ok(()),
        Ok(answer) => Err(format!("{url} answers {}", answer.status())),
        Err(error) => {
            let cause = std::iter::successors(std::error::Error::source(&error), |error| error.source()).last();
            let cause = cause.map_or_else(|| error.to_string(), ToString::to_string);
            Err(format!("{url} does not answer: {cause}"))
        }
    }
}

/// The answer to every prediction.
fn misdirected(deployment: &DeploymentName, url: &str) -> Response {
    let detail = format!("{deployment} runs outside and is only watched here. Send predictions to {url}.");
    let problem = json!({
        "type": "urn:changeover:problem:answers_elsewhere",
        "title": "The model answers elsewhere",
        "status": 421,
        "detail": detail,
        "code": "answers_elsewhere",
        // What clients of the Open Inference Protocol look for.
        "error": detail,
        "url": url,
    });
    let mut response = (StatusCode::MISDIRECTED_REQUEST, Json(problem)).into_response();
    let kind = header::HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
