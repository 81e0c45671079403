//! Asks the provider over HTTP: in time, for so many bytes at most, and without following it anywhere else.

use std::error::Error;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

use crate::cause::innermost;

/// The time that connecting may take.
const CONNECT: Duration = Duration::from_secs(5);
/// The time that a question and its whole answer may take.
const WHOLE: Duration = Duration::from_secs(10);
/// Longest answer in bytes.
const LONGEST: usize = 1 << 20;

/// The way to the provider.
pub(super) struct Web {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    is_encrypted: bool,
}

/// The reasons why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    /// It took too long.
    #[error("no whole answer came within {} s", WHOLE.as_secs())]
    Late,
    /// The answer is too long.
    #[error("the answer is longer than {LONGEST} bytes")]
    Long,
    /// Nobody answers there, or the connection broke.
    #[error("{0}")]
    Broke(String),
}

impl Web {
    /// Speaks https alone where `is_encrypted`, and trusts what this machine trusts (`SSL_CERT_FILE` names others).
    ///
    /// # Errors
    /// There is no certificate that is trusted.
    pub(super) fn new(is_encrypted: bool) -> io::Result<Self> {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_connect_timeout(Some(CONNECT));
        let builder = HttpsConnectorBuilder::new();
        let connector = if is_encrypted {
            builder.with_provider_and_native_roots(ring::default_provider())?.https_only().enable_http1()
        } else {
            builder.with_tls_config(trusting_nobody()?).https_or_http().enable_http1()
        };
        // Signing in is rare: a connection that was kept would often be one that the provider has closed.
        let client =
            Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector.wrap_connector(http));
        Ok(Self { client, is_encrypted })
    }

    /// True for an address that is as well kept as the provider's own.
    pub(super) fn may_ask(&self, address: &str) -> bool {
        address.starts_with("https://") || (!self.is_encrypted && address.starts_with("http://"))
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let response = self.client.request(request.map(|body| Full::new(Bytes::from(body)))).await.map_err(broke)?;
        let (head, body) = response.into_parts();
        let whole = Limited::new(body, LONGEST).collect().await.map_err(|error| match error
            .is::<http_body_util::LengthLimitError>(
        ) {
            true => HttpError::Long,
            false => broke(error),
        })?;
        Ok(HttpResponse::from_parts(head, whole.to_bytes().into()))
    }
}

impl<'a> AsyncHttpClient<'a> for Web {
    type Error = HttpError;
    type Future = BoxFuture<'a, Result<HttpResponse, HttpError>>;

    fn call(&'a self, request: HttpRequest) -> Self::Future {
        async move { tokio::time::timeout(WHOLE, self.ask(request)).await.unwrap_or(Err(HttpError::Late)) }.boxed()
    }
}

/// For a provider on this machine, which is asked without TLS.
fn trusting_nobody() -> io::Result<ClientConfig> {
    let config = ClientConfig::builder_with_provider(ring::default_provider().into());
    let config = config.with_safe_default_protocol_versions().map_err(io::Error::other)?;
    Ok(config.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

fn broke(error: impl Into<Box<dyn Error + Send + Sync>>) -> HttpError {
    HttpError::Broke(innermost(error.into().as_ref()))
}
