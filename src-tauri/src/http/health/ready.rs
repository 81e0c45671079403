//! Readiness: the server can do its work.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::view::HealthView;
use crate::api::Health;
use crate::http::Door;

/// Readiness: 200 while requests can be served and the store can be read; `degraded`, still with 200, while nothing can
/// be written: requests are served, and nothing is started, stopped or changed.
#[utoipa::path(get, path = "/readyz", tag = "health",
    responses((status = 200, body = HealthView), (status = 503, body = HealthView)))]
pub(super) async fn ready(State(door): State<Door>) -> Response {
    let (code, status, problem) = match Arc::clone(&door.api).health().await {
        Health::Whole => (StatusCode::OK, "ok", None),
        Health::Degraded(problem) => (StatusCode::OK, "degraded", Some(problem)),
        // No problem response: whoever asks takes the status alone, and nothing went wrong with the request.
        Health::NotReady => (StatusCode::SERVICE_UNAVAILABLE, "not_ready", None),
    };
    (code, Json(HealthView { status, problem })).into_response()
}
