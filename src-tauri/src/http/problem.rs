//! Refusals, failures and panics as problem responses (RFC 9457).

use std::panic::AssertUnwindSafe;

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::compat::{CheckName, Report};
use domain::wire::{ErrorCode, Problem};
use futures_util::FutureExt as _;

use crate::commands::Refusal;
use crate::packages::Unreadable;
use crate::packages::archive::ArchiveError;
use crate::packages::artifacts::ArtifactError;

/// The media type of problems.
pub(super) const MEDIA_TYPE: &str = "application/problem+json";

/// What a client is told about a fault of the server; the rest is for its log.
const OWN_FAULT: &str = "The server could not do this because of a fault of its own; its log says which.";

/// A fault of the server. The cause goes to the log only.
pub(super) fn fault(what: &str, cause: &dyn std::fmt::Display) -> Refusal {
    tracing::error!(%cause, "{what}");
    Refusal::new(ErrorCode::Internal, OWN_FAULT)
}

/// As it travels. What an internal error says goes to the log instead.
pub(super) fn of(refusal: &Refusal) -> Problem {
    let mut problem = refusal.problem();
    if refusal.code == ErrorCode::Internal && refusal.detail != OWN_FAULT {
        tracing::error!(detail = refusal.detail, "a request failed");
        OWN_FAULT.clone_into(&mut problem.detail);
    }
    problem
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(of(&self))).into_response();
        let head = response.headers_mut();
        head.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        match self.code {
            ErrorCode::Unauthenticated => {
                head.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"changeover\""));
            }
            ErrorCode::TooManyStreams | ErrorCode::TooManyUploads => {
                head.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            }
            _ => {}
        }
        response
    }
}

/// The whole answer to a connection that is one too many, as bytes: it is given without reading.
pub(crate) fn too_many_connections(limit: usize) -> String {
    let refusal = Refusal::new(
        ErrorCode::TooManyConnections,
        format!("{limit} connections to the API are open, the most that it allows. Close some, or try again later."),
    );
    // A problem is text and numbers, which can always be written.
    let body = serde_json::to_string(&of(&refusal)).unwrap_or_default();
    format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: {MEDIA_TYPE}\r\nretry-after: 5\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    )
}

impl From<ArtifactError> for Refusal {
    fn from(error: ArtifactError) -> Self {
        let code = match &error {
            ArtifactError::DiskFull { .. } => ErrorCode::StorageFull,
            ArtifactError::TooLarge { .. } => ErrorCode::PackageTooLarge,
            ArtifactError::BrokeOff { .. } => ErrorCode::MalformedRequest,
            ArtifactError::Unknown(_) => ErrorCode::NotFound,
            ArtifactError::Io { .. } => ErrorCode::Internal,
        };
        Self::new(code, sentence(&error))
    }
}

impl From<Unreadable> for Refusal {
    fn from(error: Unreadable) -> Self {
        let code = match &error {
            Unreadable::TooLarge { .. } => ErrorCode::PackageTooLarge,
            Unreadable::Io(_) => ErrorCode::Internal,
            _ => return unreadable(&error, &error.checks()),
        };
        Self::new(code, sentence(&error))
    }
}

impl From<ArchiveError> for Refusal {
    fn from(error: ArchiveError) -> Self {
        let code = match &error {
            ArchiveError::TooLarge { .. } => ErrorCode::PackageTooLarge,
            ArchiveError::DiskFull => ErrorCode::StorageFull,
            ArchiveError::Io(_) => ErrorCode::Internal,
            ArchiveError::NoArchive | ArchiveError::Empty => return unreadable(&error, &[CheckName::NotAModel]),
            _ => return unreadable(&error, &[CheckName::NotLoadable]),
        };
        Self::new(code, sentence(&error))
    }
}

/// A package that cannot be read, loaded or trusted.
fn unreadable(error: &dyn std::fmt::Display, checks: &[CheckName]) -> Refusal {
    let sentence = sentence(error);
    let report = Report::unreadable(checks, &sentence);
    Refusal::new(ErrorCode::PackageUnreadable, sentence).with("compatibility", serde_json::json!(report))
}

/// An error's text as a sentence of its own.
fn sentence(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => text,
    }
}

/// Answers a panic with a problem that says nothing of it; the panic itself is in the log.
pub(super) async fn catch_panics(request: Request, next: Next) -> Response {
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => Refusal::new(ErrorCode::Internal, OWN_FAULT).into_response(),
    }
}
