//! Revisions of a deployment.

mod list;
mod quarantine;
mod remove;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::serving::Serving;

pub(super) fn routes() -> OpenApiRouter<Arc<Serving>> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(remove::remove))
        .routes(routes!(quarantine::quarantine, quarantine::lift))
}
