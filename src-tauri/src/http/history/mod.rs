//! The journal: read, verified, exported.

mod export;
mod list;
mod verify;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::serving::Serving;

pub(super) fn routes() -> OpenApiRouter<Arc<Serving>> {
    OpenApiRouter::new().routes(routes!(list::list)).routes(routes!(verify::verify)).routes(routes!(export::export))
}
