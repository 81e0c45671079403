//! Client scripts, made from a signature: for a model version, and for a deployment (DR-16).

mod client;
mod curl;
mod deployment;
mod model;
mod python;
mod script;

#[cfg(test)]
mod tests;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(model::client)).routes(routes!(deployment::client))
}
