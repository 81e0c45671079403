//! The protocol's answer to a request that cannot be served: a status and `{"error": "…"}`.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::explain;
use crate::replica::model::InferError;

/// A request that is not answered with a result, and why.
#[derive(Debug)]
pub(in crate::replica) struct InferenceRefusal {
    pub(super) status: StatusCode,
    pub(super) error: String,
}

impl InferenceRefusal {
    /// The request itself is wrong.
    pub(in crate::replica) fn bad_request(error: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error: error.into() }
    }

    /// The request is not of the protocol's form.
    pub(super) fn unreadable(json: &[u8], cause: &serde_json::Error) -> Self {
        Self::bad_request(explain::what_is_wrong(json, cause))
    }

    /// The body is compressed.
    pub(super) fn compressed() -> Self {
        Self {
            status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
            error: "compressed requests are not supported; send the body without Content-Encoding".to_owned(),
        }
    }

    /// There is no such thing here.
    pub(super) fn not_found(error: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, error: error.into() }
    }

    /// The body is over the limit.
    pub(super) fn too_large(limit: usize) -> Self {
        Self {
            status: StatusCode::PAYLOAD_TOO_LARGE,
            error: format!("the request body is larger than {limit} bytes, the limit of this deployment"),
        }
    }
}

impl From<InferError> for InferenceRefusal {
    fn from(cause: InferError) -> Self {
        let status = match cause {
            InferError::Refused(_) => StatusCode::BAD_REQUEST,
            InferError::TooManyRows { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            InferError::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
            InferError::TimedOut(_) => StatusCode::GATEWAY_TIMEOUT,
        };
        Self { status, error: cause.to_string() }
    }
}

impl IntoResponse for InferenceRefusal {
    fn into_response(self) -> Response {
        (self.status, Json(serde_json::json!({ "error": self.error }))).into_response()
    }
}
