//! Whether the server answers at all.

use super::Health;
use crate::commands::Refusal;
use crate::http::answer::Answer;

/// Whether the server answers at all.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, body = Health)))]
pub(super) async fn alive() -> Result<Answer, Refusal> {
    Answer::ok(&Health { status: "ok", problem: None })
}
