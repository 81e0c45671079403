//! Configurations, of a deployment or of none yet.

mod by_id;
mod create;
mod diff;
mod free;
mod list;
mod show;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(show::show))
        .routes(routes!(diff::diff))
        .routes(routes!(by_id::by_id))
        .routes(routes!(free::list, free::create))
}
