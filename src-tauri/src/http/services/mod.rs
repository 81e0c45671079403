//! Services: programs that have API tokens only.

mod change;
mod create;
mod list;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(list::list, create::create)).routes(routes!(change::change))
}
