//! Revisions of a deployment.

mod list;
mod quarantine;
mod remove;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(remove::remove))
        .routes(routes!(quarantine::quarantine, quarantine::lift))
}
