//! Lists one's own sessions.

use domain::wire::{Page, SessionView};

use crate::api::{Answer, ApiFor};
use crate::commands::{self, Refusal};
use crate::http::requests::WithoutQuery;

/// List your sessions, oldest first.
#[utoipa::path(get, path = "/sessions", tag = "session", responses((status = 200, body = Page<SessionView>)))]
pub(super) async fn list(api: ApiFor, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.read(|views| Answer::all(commands::sessions(&views.moment(), views.now())?)).await
}
