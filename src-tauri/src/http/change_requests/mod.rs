//! Change requests: listed, read, reviewed, edited, applied, cancelled.

mod changes;
mod list;
mod reviews;
mod show;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(list::counts))
        .routes(routes!(show::show, changes::edit))
        .routes(routes!(reviews::review, reviews::withdraw))
        .routes(routes!(changes::rebase))
        .routes(routes!(changes::apply))
        .routes(routes!(changes::cancel))
}
