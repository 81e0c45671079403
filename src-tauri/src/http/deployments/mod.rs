//! Deployments.

mod create;
mod delete;
mod list;
mod operate;
mod patch;
mod show;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::serving::Serving;

pub(super) fn routes() -> OpenApiRouter<Arc<Serving>> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(show::show, patch::patch, delete::delete))
        .routes(routes!(operate::deactivate))
        .routes(routes!(operate::activate))
        .routes(routes!(operate::relaunch))
}
