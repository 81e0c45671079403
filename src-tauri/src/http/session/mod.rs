//! Signing in, being signed in, signing out; and proving to whoever signs in that this is the right server.

mod create;
mod delete;
mod prove;
mod show;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(show::show, create::create, delete::delete)).routes(routes!(prove::prove))
}
