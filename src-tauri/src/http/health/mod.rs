//! Liveness, readiness and numbers, for programs that watch the server.

mod alive;
mod prometheus;
mod ready;
mod view;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(routes!(alive::alive))
        .routes(routes!(ready::ready))
        .routes(routes!(prometheus::prometheus))
}
