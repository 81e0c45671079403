//! Checks of candidates beside their deployments.

mod list;
mod show;
mod start;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::serving::Serving;

pub(super) fn routes() -> OpenApiRouter<Arc<Serving>> {
    OpenApiRouter::new().routes(routes!(list::list, start::start)).routes(routes!(show::show))
}
