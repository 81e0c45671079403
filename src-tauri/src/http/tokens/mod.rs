//! API tokens of people and services.

mod issue;
mod list;
mod revoke;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(list::list, issue::issue)).routes(routes!(revoke::revoke))
}
