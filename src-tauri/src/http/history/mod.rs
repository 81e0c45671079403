//! The journal: read, verified, exported.

mod export;
mod list;
mod verify;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(list::list)).routes(routes!(verify::verify)).routes(routes!(export::export))
}
