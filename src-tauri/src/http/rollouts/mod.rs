//! Rollouts: from one revision to another, back again, and what would happen.

mod dismiss;
mod list;
mod moves;
mod rehearse;
mod rollback;
mod show;
mod start;
mod started;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(routes!(list::list, start::start))
        .routes(routes!(show::show))
        .routes(routes!(moves::pause))
        .routes(routes!(moves::resume))
        .routes(routes!(moves::cancel))
        .routes(routes!(dismiss::dismiss))
        .routes(routes!(rollback::rollback))
        .routes(routes!(rehearse::rehearse))
}
