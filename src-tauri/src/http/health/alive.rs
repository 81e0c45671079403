//! Whether the server answers at all.

use super::view::HealthView;
use crate::api::Answer;
use crate::commands::Refusal;

/// Whether the server answers at all.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, body = HealthView)))]
pub(super) async fn alive() -> Result<Answer, Refusal> {
    Answer::done(&HealthView { status: "ok", problem: None })
}
