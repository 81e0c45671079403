//! Asks the server over HTTP, and tells a refusal from a missing server and from somebody else's answer.

use std::time::Duration;

use bytes::Bytes;
use domain::wire::Problem;
use http::header::{AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, HeaderName, USER_AGENT};
use http::{Method, StatusCode};
use reqwest::{RequestBuilder, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use ulid::Ulid;

use super::connection::{Endpoint, Globals};
use super::error::CliError;
use super::https::{CONNECT, Https, Unsent};
use crate::cause::innermost;

/// The time that an ordinary answer, or the head of one that comes bit by bit, may take.
const ANSWER: Duration = Duration::from_secs(60);
/// The longest answer that is taken for a proof, in bytes.
const LONGEST_PROOF: usize = 1024;
/// The user agent of this program's requests.
const AGENT: &str = concat!("changeover/", env!("CARGO_PKG_VERSION"));
/// Media type of a refusal.
const PROBLEM_JSON: &str = "application/problem+json";

/// A server that can be asked.
pub(super) struct Client {
    http: reqwest::Client,
    /// For a server that is asked over TLS.
    https: Option<Https>,
    globals: Globals,
    endpoint: Endpoint,
}

/// An answer of the server that is no refusal.
#[derive(Debug)]
pub(super) struct ServerAnswer {
    /// The status.
    pub(super) status: StatusCode,
    /// The body, byte by byte.
    pub(super) body: Bytes,
}

impl ServerAnswer {
    /// The body as what it says.
    ///
    /// # Errors
    /// It is something else.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, CliError> {
        Ok(serde_json::from_slice(&self.body)?)
    }
}

/// Pairs behind the `?`.
pub(super) type Query<'a> = &'a [(&'static str, String)];

impl Client {
    /// For the server that was named or is found.
    ///
    /// # Errors
    /// There is none, or what was said of it cannot be used.
    pub(super) fn new(globals: Globals) -> Result<Self, CliError> {
        let endpoint = globals.find()?;
        let http = reqwest::Client::builder()
            // The token must not travel through a proxy or to where a redirect points.
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .build()
            .map_err(|error| CliError::Failed(format!("the program cannot make requests: {}", innermost(&error))))?;
        let https = match endpoint.server.scheme() {
            "https" => Some(Https::new(globals.ca_file.as_deref())?),
            _ => None,
        };
        Ok(Self { http, https, globals, endpoint })
    }

    /// A warning to read before the first request.
    pub(super) fn warning(&self) -> Option<String> {
        self.endpoint.warning()
    }

    /// Looks again where the server is: after a restart it may be elsewhere.
    pub(super) fn find_again(&mut self) {
        if let Ok(endpoint) = self.globals.find() {
            self.endpoint = endpoint;
        }
    }

    /// `GET /api/v1/…`.
    ///
    /// # Errors
    /// Refused, or no server.
    pub(super) async fn get(&self, path: &[&str], query: Query<'_>) -> Result<ServerAnswer, CliError> {
        self.in_time(self.answer(self.request(Method::GET, path).query(query))).await
    }

    /// `POST /api/v1/…` with a JSON body.
    ///
    /// # Errors
    /// Refused, or no server.
    pub(super) async fn post(&self, path: &[&str], body: &impl Serialize) -> Result<ServerAnswer, CliError> {
        self.in_time(self.answer(self.request(Method::POST, path).json(body))).await
    }

    /// `POST /api/v1/…` with a form whose parts may take their time.
    ///
    /// # Errors
    /// Refused, or no server.
    pub(super) async fn upload(&self, path: &[&str], form: reqwest::multipart::Form) -> Result<ServerAnswer, CliError> {
        self.answer(self.request(Method::POST, path).multipart(form)).await
    }

    /// `DELETE /api/v1/…`.
    ///
    /// # Errors
    /// Refused, or no server.
    pub(super) async fn delete(&self, path: &[&str]) -> Result<ServerAnswer, CliError> {
        self.in_time(self.answer(self.request(Method::DELETE, path))).await
    }

    /// `DELETE /api/v1/…` with a JSON body.
    ///
    /// # Errors
    /// Refused, or no server.
    pub(super) async fn delete_with(&self, path: &[&str], body: &impl Serialize) -> Result<ServerAnswer, CliError> {
        self.in_time(self.answer(self.request(Method::DELETE, path).json(body))).await
    }

    /// `PUT /api/v1/…` with a JSON body.
    ///
    /// # Errors
    /// Refused, or no server.
    pub(super) async fn put(&self, path: &[&str], body: &impl Serialize) -> Result<ServerAnswer, CliError> {
        self.in_time(self.answer(self.request(Method::PUT, path).json(body))).await
    }

    /// `PATCH /api/v1/…` with a JSON body.
    ///
    /// # Errors
    /// Refused, or no server.
    pub(super) async fn patch(&self, path: &[&str], body: &impl Serialize) -> Result<ServerAnswer, CliError> {
        self.in_time(self.answer(self.request(Method::PATCH, path).json(body))).await
    }

    /// `GET /api/v1/…` whose answer comes bit by bit.
    ///
    /// # Errors
    /// Refused, or no server.
    pub(super) async fn stream(&self, path: &[&str], query: Query<'_>) -> Result<Streaming, CliError> {
        let request = self.request(Method::GET, path).query(query);
        let begun = async {
            let response = self.send(request).await?;
            if response.status().is_success() {
                return Ok(Streaming(response));
            }
            let status = response.status();
            Err(self.refusal(status, is_problem(&response), body(response).await?))
        };
        self.in_time(begun).await
    }

    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.endpoint.server.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["api", "v1"]).extend(path);
        }
        url
    }

    fn request(&self, method: Method, path: &[&str]) -> RequestBuilder {
        let posts = method == Method::POST;
        let mut request = self.http.request(method, self.url(path)).header(USER_AGENT, AGENT);
        if posts {
            request = request.header("idempotency-key", Ulid::new().to_string());
        }
        match &self.endpoint.authorization {
            Some(value) => request.header(AUTHORIZATION, value.clone()),
            None => request,
        }
    }

    /// The outcome of `asked` within the time for an ordinary answer.
    async fn in_time<T>(&self, asked: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
        let late = |_| {
            let server = self.endpoint.server.as_str().trim_end_matches('/');
            CliError::Broken(format!("{server} did not answer within {} seconds", ANSWER.as_secs()))
        };
        tokio::time::timeout(ANSWER, asked).await.map_err(late)?
    }

    async fn answer(&self, request: RequestBuilder) -> Result<ServerAnswer, CliError> {
        let response = self.send(request).await?;
        let (status, problem) = (response.status(), is_problem(&response));
        let body = body(response).await?;
        if status.is_success() { Ok(ServerAnswer { status, body }) } else { Err(self.refusal(status, problem, body)) }
    }

    /// Sends what may hold the token, to nobody but the server.
    async fn send(&self, request: RequestBuilder) -> Result<reqwest::Response, CliError> {
        let Some(ours) = &self.endpoint.ours else { return self.send_unasked(request).await };
        let nonce = ours.challenge()?;
        let question = self.http.get(self.url(&["session", "proof"])).query(&[("nonce", hex::encode(nonce))]);
        let mut text = Vec::new();
        let read = async {
            let mut answer = Streaming(self.send_unasked(question).await?);
            // Whoever answers there may be anybody, and may go on without end.
            while let Some(bytes) = answer.next().await?.filter(|_| text.len() < LONGEST_PROOF) {
                text.extend_from_slice(&bytes);
            }
            Ok(())
        };
        self.in_time(read).await?;
        ours.accept(&self.endpoint.server, &nonce, serde_json::from_slice(&text).ok())?;
        self.send_unasked(request).await
    }

    async fn send_unasked(&self, request: RequestBuilder) -> Result<reqwest::Response, CliError> {
        let server = self.endpoint.server.as_str().trim_end_matches('/');
        let missing = |cause: String| CliError::no_server(format!("no server answers at {server} ({cause})"));
        let Some(https) = &self.https else {
            return request.send().await.map_err(|error| match error.is_connect() {
                true => missing(innermost(&error)),
                false => CliError::Broken(innermost(&error)),
            });
        };
        let request = request.build().map_err(|error| CliError::Broken(innermost(&error)))?;
        https.send(request).await.map_err(|unsent| match unsent {
            Unsent::Unreachable(cause) => missing(cause),
            Unsent::Broke(cause) => CliError::Broken(cause),
        })
    }

    /// A problem that the API wrote, or the answer of something that is not the API.
    fn refusal(&self, status: StatusCode, is_problem: bool, body: Bytes) -> CliError {
        match serde_json::from_slice::<Problem>(&body) {
            Ok(problem) if is_problem => CliError::Refused { problem: Box::new(problem), body, way_on: None },
            _ => CliError::NoServer(format!(
                "{} answered {status}, and not as Changeover does. Is it the address of the API \
                 (the gateway has another one), and of this version?",
                self.endpoint.server.as_str().trim_end_matches('/')
            )),
        }
    }
}

/// An answer that comes bit by bit.
pub(super) struct Streaming(reqwest::Response);

impl Streaming {
    /// The number of bytes to come, where the server said it.
    pub(super) fn size(&self) -> Option<u64> {
        self.0.content_length()
    }

    /// The tag of what comes, without its quotation marks.
    pub(super) fn tag(&self) -> Option<&str> {
        self.header(ETAG)?.strip_prefix('"')?.strip_suffix('"')
    }

    /// The server's name for the file: a plain name, or none.
    pub(super) fn file_name(&self) -> Option<String> {
        let name = self.header(CONTENT_DISPOSITION)?.split_once("filename=\"")?.1.split('"').next()?;
        let plain = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\']);
        plain.then(|| name.to_owned())
    }

    fn header(&self, name: HeaderName) -> Option<&str> {
        self.0.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// The next bit; none at the end.
    ///
    /// # Errors
    /// The connection broke.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, CliError> {
        self.0.chunk().await.map_err(|error| CliError::Broken(innermost(&error)))
    }
}

fn is_problem(response: &reqwest::Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with(PROBLEM_JSON))
}

async fn body(response: reqwest::Response) -> Result<Bytes, CliError> {
    response.bytes().await.map_err(|error| CliError::Broken(innermost(&error)))
}
