//! Signing in, being signed in, signing out; and proving to whoever signs in that this is the right server.

mod create;
mod delete;
mod prove;
mod show;

use std::sync::Arc;

use domain::wire::Session;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::serving::Serving;

pub(super) fn routes() -> OpenApiRouter<Arc<Serving>> {
    OpenApiRouter::new().routes(routes!(show::show, create::create, delete::delete)).routes(routes!(prove::prove))
}

fn view(api: &Api) -> Session {
    Session {
        actor: api.actor.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        gateway: api.live.gateway_url(),
        storage_problem: api.store.trouble(),
    }
}
