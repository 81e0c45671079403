//! The output of replicas, and the records of their requests.

mod chosen;
mod download;
mod earlier;
mod follow;
mod later;
mod positions;
mod recorded;
mod records;
mod replicas;
mod show;
mod told;
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
        .routes(routes!(download::download))
        .routes(routes!(replicas::replicas))
}
