//! What happens, as it happens: server-sent events, or a long poll for clients that cannot stream.

mod feed;
mod follow;
mod poll;
mod show;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::serving::Serving;

pub(super) fn routes() -> OpenApiRouter<Arc<Serving>> {
    OpenApiRouter::new().routes(routes!(show::show))
}
