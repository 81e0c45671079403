//! People: listed, changed, disabled and erased; oneself; and everybody who can be named.

mod change;
mod disable;
mod identity;
mod list;
mod me;
mod page;
mod password;
mod principals;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(change::change))
        .routes(routes!(disable::disable))
        .routes(routes!(disable::enable))
        .routes(routes!(disable::erase))
        .routes(routes!(me::show, me::change))
        .routes(routes!(page::show, page::arrange))
        .routes(routes!(password::change))
        .routes(routes!(identity::unlink))
        .routes(routes!(identity::unlink_person))
        .routes(routes!(principals::list))
}
