//! What other programs watch: alive, ready, numbers.

mod alive;
mod prometheus;
mod ready;

use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(routes!(alive::alive))
        .routes(routes!(ready::ready))
        .routes(routes!(prometheus::prometheus))
}

/// How the server is, in one word.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub(super) struct HealthView {
    /// `ok`, `degraded` or `not_ready`.
    status: &'static str,
    /// What is wrong and what to do, when something is.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}
