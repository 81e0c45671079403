//! Whether the server can do its work.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;

use super::Health;
use crate::commands::Refusal;
use crate::http::answer::Answer;
use crate::http::serving::Serving;

/// Readiness: 200 while requests can be served and the store can be read; `degraded`, still with 200, while nothing can be
/// written: requests are served, and nothing is started, stopped or changed.
#[utoipa::path(get, path = "/readyz", tag = "health",
    responses((status = 200, body = Health), (status = 503, body = Health)))]
pub(super) async fn ready(State(serving): State<Arc<Serving>>) -> Result<Answer, Refusal> {
    if serving.api.live.ready() && serving.read(|_, reading| Ok(reading.last_seq()?)).await.is_ok() {
        let problem = serving.api.store.trouble();
        let status = if problem.is_some() { "degraded" } else { "ok" };
        Answer::ok(&Health { status, problem })
    } else {
        // No problem response: whoever asks takes the status alone, and nothing went wrong with the request.
        Answer::new(StatusCode::SERVICE_UNAVAILABLE, &Health { status: "not_ready", problem: None })
    }
}
