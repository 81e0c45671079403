//! Sends requests over TLS, to servers whose certificate is trusted.

use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tower::{BoxError, Service};

use super::error::CliError;
use crate::cause::innermost;

/// The time that connecting may take.
pub(super) const CONNECT: Duration = Duration::from_secs(5);

/// Speaks https, and nothing else.
pub(super) struct Https(hyper_util::client::legacy::Client<InTime, reqwest::Body>);

/// Connects in time: once to the address, and once more for the handshake.
#[derive(Clone)]
struct InTime(HttpsConnector<HttpConnector>);

impl Service<Uri> for InTime {
    type Response = <HttpsConnector<HttpConnector> as Service<Uri>>::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connected = tokio::time::timeout(2 * CONNECT, self.0.call(uri));
        Box::pin(async { connected.await.map_err(|_| "the connection or its TLS handshake took too long")? })
    }
}

impl Https {
    /// Trusts the certificates in the PEM file `ca_file`; without one, those that this machine trusts (`SSL_CERT_FILE`
    /// names others).
    ///
    /// # Errors
    /// They cannot be read.
    pub(super) fn new(ca_file: Option<&Path>) -> Result<Self, CliError> {
        let builder = HttpsConnectorBuilder::new();
        let builder = match ca_file {
            Some(path) => builder.with_tls_config(trusting(path)?),
            None => builder.with_provider_and_native_roots(ring::default_provider()).map_err(|source| {
                CliError::Local { what: "the certificates that this machine trusts cannot be read", source }
            })?,
        };
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_connect_timeout(Some(CONNECT));
        let connector = InTime(builder.https_only().enable_http1().wrap_connector(http));
        Ok(Self(hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build(connector)))
    }

    /// Sends it, and answers once the head of the answer has come.
    ///
    /// # Errors
    /// A sentence of why nothing came.
    pub(super) async fn send(&self, request: reqwest::Request) -> Result<reqwest::Response, Unsent> {
        let request = http::Request::try_from(request).map_err(|error| Unsent::Broke(innermost(&error)))?;
        let response = self.0.request(request).await.map_err(|error| {
            let cause = innermost(&error);
            if error.is_connect() { Unsent::Unreachable(cause) } else { Unsent::Broke(cause) }
        })?;
        Ok(response.map(reqwest::Body::wrap).into())
    }
}

/// The reason why a request got no answer.
pub(super) enum Unsent {
    /// Nobody takes connections there, or nobody whose certificate is trusted.
    Unreachable(String),
    /// The connection broke.
    Broke(String),
}

fn trusting(path: &Path) -> Result<ClientConfig, CliError> {
    let wrong = |problem: String| CliError::Usage(format!("--ca-file {}: {problem}", path.display()));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| wrong(error.to_string()))? {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        roots.add(certificate).map_err(|error| wrong(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(wrong("no certificate is in it; it must be a PEM file".to_owned()));
    }
    let config = ClientConfig::builder_with_provider(ring::default_provider().into());
    let config = config.with_safe_default_protocol_versions().map_err(|error| wrong(error.to_string()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
