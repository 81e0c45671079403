//! The refusal where output cannot be read.

use domain::id::ReplicaId;
use domain::wire::ErrorCode;
use std::io;

use crate::commands::Refusal;

pub(super) fn unreadable(replica: &ReplicaId, error: &io::Error) -> Refusal {
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
