//! The journal: read, searched, verified, exported.

mod export;
mod groups;
mod list;
mod verify;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(groups::groups))
        .routes(routes!(verify::verify))
        .routes(routes!(export::export))
}
