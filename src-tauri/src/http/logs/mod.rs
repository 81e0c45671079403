//! What replicas have written.

mod follow;
mod positions;
mod records;
mod show;

use domain::id::ReplicaId;
use domain::wire::ErrorCode;
use std::io;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;
use crate::commands::Refusal;

pub(super) fn routes() -> OpenApiRouter<Door> {
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
        _ => Refusal::fault("the output of a replica cannot be read", error),
    }
}
