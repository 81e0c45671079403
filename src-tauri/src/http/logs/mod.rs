//! What replicas have written.

mod follow;
mod positions;
mod records;
mod show;

use std::io;
use std::sync::Arc;

use domain::id::ReplicaId;
use domain::wire::ErrorCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem;
use super::serving::Serving;
use crate::commands::Refusal;

pub(super) fn routes() -> OpenApiRouter<Arc<Serving>> {
    OpenApiRouter::new().routes(routes!(show::show))
}

fn unreadable(replica: &ReplicaId, error: &io::Error) -> Refusal {
    match error.kind() {
        io::ErrorKind::NotFound => Refusal::new(
            ErrorCode::NotFound,
            format!(
                "No output of a replica {replica} is kept. GET the deployment with include=replicas for its replicas."
            ),
        )
        .with("field", "replica"),
        _ => problem::fault("the output of a replica cannot be read", error),
    }
}
