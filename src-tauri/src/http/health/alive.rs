//! Liveness: the server answers.

use super::view::HealthView;
use crate::api::Answer;
use crate::commands::Refusal;

/// Liveness: the server answers.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, body = HealthView)))]
pub(super) async fn alive() -> Result<Answer, Refusal> {
    Answer::done(&HealthView { status: "ok", problem: None })
}
