//! Checks of candidates beside their deployments.

mod list;
mod show;
mod start;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(list::list, start::start)).routes(routes!(show::show))
}
