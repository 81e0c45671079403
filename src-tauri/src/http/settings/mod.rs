//! The settings that the server was started with.

use domain::access::ServerAction;
use domain::wire::SettingsView;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;
use crate::api::{Answer, ApiFor};
use crate::commands::Refusal;
use crate::http::requests::WithoutQuery;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(show))
}

/// The settings that the server was started with, for administrators: flags, variables and `changeover.toml`.
#[utoipa::path(get, path = "/settings", tag = "health", responses((status = 200, body = SettingsView)))]
async fn show(api: ApiFor, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.read(|views| views.moment().allow(ServerAction::ReadSettings, views.now()).map(drop)).await?;
    Answer::done(&api.api.settings)
}
