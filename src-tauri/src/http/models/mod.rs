//! Models and their versions.

mod delete;
mod download;
mod list;
mod pieces;
mod register;
mod show;
mod show_version;
mod upload;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(routes!(list::list, register::register))
        .routes(routes!(show::show))
        .routes(routes!(show_version::show_version, delete::delete))
        .routes(routes!(download::download))
}
