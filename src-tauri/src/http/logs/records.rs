//! Shows what the gateway has kept of requests.

use axum::response::{IntoResponse as _, Response};
use domain::id::DeploymentId;
use domain::wire::LogPage;
use serde_json::value::RawValue;

use super::positions::Positions;
use crate::api::{Answer, ApiFor, LogFrom, LogPiece, RecordKind};
use crate::commands::Refusal;

/// One answer with these lines.
pub(super) fn page(kind: RecordKind, piece: LogPiece) -> Result<Response, Refusal> {
    let raw = |line| RawValue::from_string(line).ok();
    let items: Vec<_> = piece.lines.into_iter().filter_map(raw).collect();
    let next_cursor = Some(Positions::of_records(kind, piece.position).to_string());
    Ok(Answer::done(&LogPage { items, next_cursor, earlier_cursor: None })?.into_response())
}

/// Reads a piece of what is kept.
pub(super) async fn piece(
    api: &ApiFor,
    deployment: &DeploymentId,
    kind: RecordKind,
    from: LogFrom,
) -> Result<LogPiece, Refusal> {
    let deployment = deployment.clone();
    let read = move |own: &ApiFor| {
        let failed = |error| Refusal::fault("what was kept of requests cannot be read", &error);
        own.api.live.records(&deployment, kind, from).map_err(failed)
    };
    api.blocking(read).await
}
