//! What happens, as it happens: server-sent events, or a long poll for clients that cannot stream.

mod follow;
mod poll;
mod show;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(show::show))
}
