//! Events as they happen: server-sent, or by a long poll for clients that cannot stream.

mod follow;
mod poll;
mod show;
mod watch;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(show::show)).routes(routes!(watch::watch))
}
