//! Signing in, being signed in, signing out; and proving to whoever signs in that this is the right server.

mod create;
mod delete;
mod entered;
mod prove;
mod reauthenticate;
mod show;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) use entered::{entered, root};

use super::Door;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(routes!(show::show, create::create, delete::delete))
        .routes(routes!(reauthenticate::reauthenticate))
        .routes(routes!(prove::prove))
}
