//! Keys and tokens, which callers of an inference URL have to show (AZ-3). None of them is in the history.

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
