//! Deployments.

mod create;
mod delete;
mod list;
mod lists;
mod model_history;
mod operate;
mod patch;
mod show;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(show::show, patch::patch, delete::delete))
        .routes(routes!(model_history::model_history))
        .routes(routes!(operate::deactivate))
        .routes(routes!(operate::activate))
        .routes(routes!(operate::relaunch))
}
