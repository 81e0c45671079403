//! One's own sessions: listed, and ended one by one or all others.

mod end;
mod list;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(list::list, end::end_others)).routes(routes!(end::end))
}
