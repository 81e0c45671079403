//! The gateway's own answers: problem responses (RFC 9457) with a code.

use std::time::Duration;

use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{Response, StatusCode};

use super::tally::Tallied;

/// The reasons why the gateway answers by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GatewayProblem {
    UnknownDeployment,
    /// The routes are not known yet.
    Starting,
    /// The deployment wants a key or a token, and none was sent.
    CredentialMissing,
    /// The key or token that was sent is none that is accepted.
    CredentialWrong,
    TokenExpired,
    Deactivated,
    NothingReady,
    QueueTimeout(Duration),
    QueueFull(usize),
    ScoringTimeout(Duration),
    /// No replica could be connected to; none has seen the request.
    ReplicaUnreachable,
    /// A replica had the request, and broke off before the head of an answer.
    ReplicaBroke,
    RequestTooLarge(u64),
    /// The client stopped sending its body.
    RequestTimeout,
    /// The client's body could not be read to its end.
    RequestBroken,
    UpgradeNotSupported,
}

impl GatewayProblem {
    /// Status, code, title, and what happened, why, and what to do.
    fn words(self) -> (StatusCode, &'static str, &'static str, String) {
        use StatusCode as S;
        match self {
            Self::UnknownDeployment => (
                S::NOT_FOUND,
                "unknown_deployment",
                "Unknown deployment",
                "No deployment has the name that this URL begins with. Check the inference URL in Changeover.".into(),
            ),
            Self::Starting => (
                S::SERVICE_UNAVAILABLE,
                "starting",
                "Starting",
                "The server has just been started and takes over its replicas. Try again in a moment.".into(),
            ),
            Self::CredentialMissing => (
                S::UNAUTHORIZED,
                "credential_missing",
                "Credential missing",
                "This deployment wants a key or a token. Send it as \"Authorization: Bearer …\" or as \"x-api-key\"."
                    .into(),
            ),
            Self::CredentialWrong => (
                S::UNAUTHORIZED,
                "credential_wrong",
                "Credential wrong",
                "The key or token is none that this deployment accepts, or not any more. Ask its owner for a new one."
                    .into(),
            ),
            Self::TokenExpired => (
                S::UNAUTHORIZED,
                "token_expired",
                "Token expired",
                "The token has expired. Ask the deployment's owner for a new one.".into(),
            ),
            Self::Deactivated => (
                S::SERVICE_UNAVAILABLE,
                "deactivated",
                "Deployment deactivated",
                "This deployment is deactivated. Its owner can activate it at the same URL.".into(),
            ),
            Self::NothingReady => (
                S::SERVICE_UNAVAILABLE,
                "nothing_ready",
                "Nothing ready",
                "No replica of this deployment is ready. Try again in a moment.".into(),
            ),
            Self::QueueTimeout(wait) => (
                S::SERVICE_UNAVAILABLE,
                "queue_timeout",
                "Waited too long",
                format!(
                    "Every replica was busy for {} ms, the longest wait that this deployment allows (max_queue_ms). \
                     Try again in a moment, or give it more replicas.",
                    wait.as_millis()
                ),
            ),
            Self::QueueFull(limit) => (
                S::SERVICE_UNAVAILABLE,
                "queue_full",
                "Queue full",
                format!(
                    "Every replica is busy and {limit} requests are waiting, the most that the gateway allows. \
                     Try again in a moment, or give the deployment more replicas."
                ),
            ),
            Self::ScoringTimeout(limit) => (
                S::GATEWAY_TIMEOUT,
                "scoring_timeout",
                "Scoring timeout",
                format!(
                    "The replica did not begin its answer within {} ms (scoring_timeout_ms). The request is not \
                     repeated, because the replica may have acted on it.",
                    limit.as_millis()
                ),
            ),
            Self::ReplicaUnreachable => (
                S::BAD_GATEWAY,
                "replica_unreachable",
                "Replica unreachable",
                "No replica of this deployment could be connected to. The request reached none; it is safe to repeat."
                    .into(),
            ),
            Self::ReplicaBroke => (
                S::BAD_GATEWAY,
                "replica_broke_off",
                "Replica broke off",
                "The replica closed the connection before it answered. The request is not repeated, because the \
                 replica may have acted on it. Its log says more."
                    .into(),
            ),
            Self::RequestTooLarge(limit) => (
                S::PAYLOAD_TOO_LARGE,
                "request_too_large",
                "Request too large",
                format!("The request's body is longer than {limit} bytes, the most that the gateway passes on."),
            ),
            Self::RequestTimeout => (
                S::REQUEST_TIMEOUT,
                "request_timeout",
                "Request incomplete",
                "The rest of the request's body did not arrive in time. Send the request again, without pauses.".into(),
            ),
            Self::RequestBroken => (
                S::BAD_REQUEST,
                "request_broken",
                "Request broken",
                "The request's body could not be read to its end. Check its Content-Length or its chunks, and send it again."
                    .into(),
            ),
            Self::UpgradeNotSupported => (
                S::NOT_IMPLEMENTED,
                "upgrade_not_supported",
                "Upgrade not supported",
                "The gateway passes on HTTP/1.1 requests; it opens no tunnels and no WebSockets. Send a plain request."
                    .into(),
            ),
        }
    }

    pub(super) fn status(self) -> StatusCode {
        self.words().0
    }

    pub(super) fn code(self) -> &'static str {
        self.words().1
    }

    /// True if it was refused because every replica was busy.
    pub(super) fn is_for_want_of_room(self) -> bool {
        matches!(self, Self::QueueTimeout(_) | Self::QueueFull(_))
    }

    /// The outcome that it counts as.
    pub(super) fn outcome(self) -> Tallied {
        match self {
            Self::UnknownDeployment
            | Self::Starting
            | Self::CredentialMissing
            | Self::CredentialWrong
            | Self::TokenExpired
            | Self::RequestTooLarge(_)
            | Self::RequestTimeout
            | Self::RequestBroken
            | Self::UpgradeNotSupported => Tallied::Neither,
            Self::Deactivated
            | Self::NothingReady
            | Self::QueueTimeout(_)
            | Self::QueueFull(_)
            | Self::ScoringTimeout(_)
            | Self::ReplicaUnreachable
            | Self::ReplicaBroke => Tallied::Failed,
        }
    }

    /// The problem response.
    pub(super) fn into_response(self) -> Response<String> {
        let (status, code, title, detail) = self.words();
        let mut response = Response::new(problem(status, code, title, &detail));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        let challenge = match self {
            Self::CredentialMissing => Some("Bearer"),
            Self::CredentialWrong | Self::TokenExpired => Some("Bearer error=\"invalid_token\""),
            _ => None,
        };
        if let Some(challenge) = challenge {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

fn problem(status: StatusCode, code: &str, title: &str, detail: &str) -> String {
    serde_json::json!({
        "type": format!("urn:changeover:problem:{code}"),
        "title": title,
        "status": status.as_u16(),
        "detail": detail,
        "code": code,
        // What clients of the Open Inference Protocol look for.
        "error": detail,
    })
    .to_string()
}

/// The whole answer to a connection that is one too many, as bytes: it is given without reading.
pub(super) fn too_many_connections(limit: usize) -> String {
    let detail = format!(
        "{limit} connections are open, the most that the gateway allows. Keep connections alive and use fewer."
    );
    whole(StatusCode::SERVICE_UNAVAILABLE, "too_many_connections", "Too many connections", &detail)
}

/// The whole answer to what cannot be read as a request, as bytes, with the status of an answer that says nothing more;
/// nothing if it is another answer: one of a replica's says whose it is, and one of the gateway's of what type.
pub(super) fn unreadable(answer: &[u8]) -> Option<String> {
    let status = StatusCode::from_bytes(answer.strip_prefix(b"HTTP/1.1 ")?.get(..3)?).ok()?;
    let (code, title, detail) = match status {
        StatusCode::BAD_REQUEST => (
            "malformed_request",
            "Malformed request",
            "The request line or the headers are not HTTP/1.1. Send the request with an HTTP library.",
        ),
        StatusCode::URI_TOO_LONG => (
            "uri_too_long",
            "URL too long",
            "The request's URL is longer than the gateway reads. Send the rest as a body.",
        ),
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => (
            "headers_too_large",
            "Headers too large",
            "The request has longer headers than the gateway reads, or more of them. Send fewer, and the rest as a body.",
        ),
        _ => return None,
    };
    let has = |line: &[u8]| answer.windows(line.len()).any(|part| part == line);
    let bare = has(b"\r\ncontent-length: 0\r\n") && !has(b"\r\nx-changeover-replica:") && !has(b"\r\ncontent-type:");
    bare.then(|| whole(status, code, title, detail))
}

fn whole(status: StatusCode, code: &str, title: &str, detail: &str) -> String {
    let body = problem(status, code, title, detail);
    let wait = if status == StatusCode::SERVICE_UNAVAILABLE { "retry-after: 1\r\n" } else { "" };
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/problem+json\r\n{wait}content-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    )
}
