//! Signing in at the identity provider: going there, and coming back.

mod back;
mod callback;
mod show;
mod start;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(routes!(show::show))
        .routes(routes!(start::start))
        .routes(routes!(callback::callback, back::finish))
}
