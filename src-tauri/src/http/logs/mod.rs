//! The output of replicas, and the records of their requests.

mod follow;
mod positions;
mod recorded;
mod records;
mod show;
mod unreadable;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(routes!(show::show))
        .routes(routes!(recorded::list))
        .routes(routes!(recorded::export))
        .routes(routes!(recorded::open))
}
