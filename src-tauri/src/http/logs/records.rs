//! Shows what the gateway has kept of requests.

use std::sync::Arc;

use axum::response::{IntoResponse as _, Response};
use domain::id::DeploymentId;
use domain::wire::Page;
use serde_json::value::RawValue;

use super::positions::Positions;
use crate::commands::Refusal;
use crate::http::answer::Answer;
use crate::http::serving::Serving;
use crate::http::{LogFrom, LogPiece, RecordKind, problem};

/// One answer with these lines.
pub(super) fn page(kind: RecordKind, piece: LogPiece) -> Result<Response, Refusal> {
    let raw = |line| RawValue::from_string(line).ok();
    let items: Vec<_> = piece.lines.into_iter().filter_map(raw).collect();
    let next_cursor = Some(Positions::of_records(kind, piece.position).to_string());
    Ok(Answer::ok(&Page { items, next_cursor })?.into_response())
}

/// Reads a piece of what is kept.
pub(super) async fn piece(
    serving: &Arc<Serving>,
    deployment: &DeploymentId,
    kind: RecordKind,
    from: LogFrom,
) -> Result<LogPiece, Refusal> {
    let deployment = deployment.clone();
    let read = move |api: &crate::http::Api| {
        let failed = |error| problem::fault("what was kept of requests cannot be read", &error);
        api.live.records(&deployment, kind, from).map_err(failed)
    };
    serving.blocking(read).await
}
