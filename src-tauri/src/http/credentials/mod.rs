//! What callers of an inference URL have to show: keys and tokens (AZ-3). None of it is in the history.

mod keys;
mod private;
mod tokens;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(routes!(keys::show))
        .routes(routes!(keys::regenerate))
        .routes(routes!(tokens::issue, tokens::revoke))
}
