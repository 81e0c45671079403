//! Invitations: made, listed and taken back by administrators; looked at and accepted by whoever has the link.

mod accept;
mod invite;
mod list;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(routes!(list::list, invite::invite))
        .routes(routes!(list::withdraw))
        .routes(routes!(accept::peek))
        .routes(routes!(accept::accept))
}
