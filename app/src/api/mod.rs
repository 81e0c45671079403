//! The server's API: one typed function per endpoint. HTTP in the browser; the desktop window's custom scheme
//! leads into the same router, so nothing here knows the difference.

pub(crate) mod access;
pub(crate) mod again;
pub(crate) mod compat;
pub(crate) mod credentials;
pub(crate) mod deployments;
pub(crate) mod events;
pub(crate) mod fault;
pub(crate) mod freezes;
pub(crate) mod history;
pub(crate) mod logs;
pub(crate) mod models;
pub(crate) mod notices;
pub(crate) mod own;
pub(crate) mod people;
mod place;
pub(crate) mod policies;
pub(crate) mod predictions;
pub(crate) mod provider;
pub(crate) mod records;
pub(crate) mod requests;
pub(crate) mod revisions;
pub(crate) mod rollouts;
pub(crate) mod server;
pub(crate) mod session;
mod unheard;
pub(crate) mod use_cases;
pub(crate) mod webhooks;

use domain::visible;
use domain::wire::{ErrorCode, Page, Problem};
use gloo_net::http::{Method, RequestBuilder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use web_sys::AbortSignal;

pub(crate) use place::{href, root};

/// Milliseconds that a request and its answer may take. Model files are sent in another way.
const LONGEST_MS: u32 = 45_000;

/// The address of the API.
fn base() -> String {
    href("/api/v1")
}

/// True in the desktop window, whose custom scheme passes requests and answers only as a whole.
pub(crate) fn in_window() -> bool {
    let protocol = web_sys::window().and_then(|window| window.location().protocol().ok());
    protocol.is_some_and(|protocol| !protocol.starts_with("http"))
}

/// A request that was not granted, with the reason.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Failure {
    /// The server refused it with a reason.
    Refused(Box<Problem>),
    /// The server did not answer.
    Unreachable,
    /// The server answered something that this page does not understand.
    Unreadable(String),
}

/// The names of the policies or freezes that a refusal names.
fn named(problem: &Problem, field: &str) -> String {
    let things = problem.more.get(field).and_then(Value::as_array).into_iter().flatten();
    things.filter_map(|thing| thing.get("name")?.as_str()).collect::<Vec<_>>().join(", ")
}

impl Failure {
    /// The failure in a few words.
    pub(crate) fn title(&self) -> String {
        match self {
            Self::Refused(problem) => problem.title.clone(),
            Self::Unreachable => "The server does not answer".to_owned(),
            Self::Unreadable(_) => "The server's answer cannot be read".to_owned(),
        }
    }

    /// True when the server warned, and would go ahead with `accept_warnings`.
    pub(crate) fn wants_go_ahead(&self) -> bool {
        matches!(self, Self::Refused(problem) if problem.code == ErrorCode::WarningsNotAccepted)
    }

    /// The failure with its reason and what to do.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::Refused(problem) => match problem.code {
                ErrorCode::ApprovalRequired => {
                    format!(
                        "The policy {} asks for approvals. Ask for the change: it starts once it has them.",
                        named(problem, "policies")
                    )
                }
                ErrorCode::Frozen => {
                    format!(
                        "The freeze {} holds this deployment. Ask for the change: it starts when the freeze ends.",
                        named(problem, "freezes")
                    )
                }
                _ => problem.detail.clone(),
            },
            Self::Unreachable => {
                "The Changeover server cannot be reached. Check that it is running, then try again.".to_owned()
            }
            Self::Unreadable(what) => {
                format!("Reload the page: it may be older than the server. Details: {what}")
            }
        }
    }

    /// The problem's code, to copy into a search or a report.
    pub(crate) fn code(&self) -> String {
        match self {
            Self::Refused(problem) => problem.code.to_string(),
            Self::Unreachable => "unreachable".to_owned(),
            Self::Unreadable(_) => "unreadable_answer".to_owned(),
        }
    }

    /// True when the server refused with this code.
    pub(crate) fn is(&self, code: ErrorCode) -> bool {
        matches!(self, Self::Refused(problem) if problem.code == code)
    }
}

async fn get<T: DeserializeOwned>(path: &str) -> Result<T, Failure> {
    read(send(Method::GET, path, None).await?)
}

/// A text that is no JSON.
async fn text(path: &str) -> Result<String, Failure> {
    send(Method::GET, path, None).await
}

async fn post<T: DeserializeOwned>(path: &str, body: &impl Serialize) -> Result<T, Failure> {
    read(send(Method::POST, path, written(body)).await?)
}

/// A `POST` whose answer does not matter.
async fn tell(path: &str, body: &impl Serialize) -> Result<(), Failure> {
    send(Method::POST, path, written(body)).await.map(drop)
}

/// A `POST` that changes nothing, so that its answer need not be kept under a key.
async fn ask<T: DeserializeOwned>(path: &str, body: &impl Serialize) -> Result<T, Failure> {
    read(send_as(Method::POST, path, written(body), None).await?)
}

async fn delete(path: &str) -> Result<(), Failure> {
    send(Method::DELETE, path, None).await.map(drop)
}

async fn delete_with(path: &str, body: &impl Serialize) -> Result<(), Failure> {
    send(Method::DELETE, path, written(body)).await.map(drop)
}

async fn patch(path: &str, body: &impl Serialize) -> Result<(), Failure> {
    send(Method::PATCH, path, written(body)).await.map(drop)
}

async fn put(path: &str, body: &impl Serialize) -> Result<(), Failure> {
    send(Method::PUT, path, written(body)).await.map(drop)
}

/// Every page of a list.
async fn all<T: DeserializeOwned>(path: &str) -> Result<Vec<T>, Failure> {
    let (mut items, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let separator = if path.contains('?') { '&' } else { '?' };
        let rest = cursor.map(|cursor| format!("{separator}cursor={}", escape(&cursor))).unwrap_or_default();
        let page: Page<T> = get(&format!("{path}{rest}")).await?;
        items.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(items);
        }
    }
}

fn written(body: &impl Serialize) -> Option<String> {
    serde_json::to_string(body).ok()
}

fn read<T: DeserializeOwned>(text: String) -> Result<T, Failure> {
    serde_json::from_str(&text).map_err(|error| Failure::Unreadable(error.to_string()))
}

async fn send(method: Method, path: &str, body: Option<String>) -> Result<String, Failure> {
    if method == Method::GET {
        return send_as(method, path, body, None).await;
    }
    let key = (method == Method::POST).then(|| unheard::key_of(path, body.as_deref()).unwrap_or_else(random_key));
    let answer = send_as(method, path, body.clone(), key.clone()).await;
    match (&answer, key) {
        (Err(Failure::Unreachable), Some(key)) => unheard::note(path, body, key),
        (Err(Failure::Unreachable), None) => {}
        _ => unheard::forget(),
    }
    answer
}

async fn send_as(method: Method, path: &str, body: Option<String>, key: Option<String>) -> Result<String, Failure> {
    let answer = send_once(method.clone(), path, body.clone(), key.clone()).await;
    match answer {
        Err(failure) if failure.is(ErrorCode::ReauthenticationNeeded) && again::shown().await => {
            send_once(method, path, body, key).await
        }
        answer => answer,
    }
}

async fn send_once(method: Method, path: &str, body: Option<String>, key: Option<String>) -> Result<String, Failure> {
    let unreadable = |error: gloo_net::Error| Failure::Unreadable(error.to_string());
    let mut request =
        RequestBuilder::new(&format!("{}{path}", base())).method(method).header("accept", "application/json");
    // A server that hangs closes nothing.
    request = request.abort_signal(Some(&AbortSignal::timeout_with_u32(LONGEST_MS)));
    if let Some(key) = key {
        request = request.header("idempotency-key", &key);
    }
    let request = match body {
        Some(body) => request.header("content-type", "application/json").body(body),
        None => request.build(),
    };
    let response = request.map_err(unreadable)?.send().await.map_err(|_| Failure::Unreachable)?;
    let text = shown(&response.text().await.map_err(|_| Failure::Unreachable)?);
    if response.ok() { Ok(text) } else { Err(refused(response.status(), &text)) }
}

/// The text without characters that would show a part of it in another place.
fn shown(text: &str) -> String {
    visible::unformatted(text).into_owned()
}

/// The failure that an answer outside 200 to 299 tells of.
fn refused(status: u16, text: &str) -> Failure {
    match serde_json::from_str::<Problem>(text) {
        Ok(problem) => Failure::Refused(Box::new(problem)),
        Err(_) => Failure::Unreadable(format!("status {status}")),
    }
}

/// Makes a `POST` safe to repeat: the server answers the same key with the same answer.
fn random_key() -> String {
    let mut bytes = [0_u8; 16];
    if let Some(crypto) = web_sys::window().and_then(|window| window.crypto().ok()) {
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn escape(text: &str) -> String {
    web_sys::js_sys::encode_uri_component(text).into()
}
