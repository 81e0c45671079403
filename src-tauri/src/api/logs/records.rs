//! Shows what the gateway has kept of requests, and goes on as it keeps more.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::id::DeploymentId;
use domain::wire::Page;
use futures_util::stream;
use serde_json::value::RawValue;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::MissedTickBehavior;

use crate::api::answer::Answer;
use crate::api::serving::Serving;
use crate::api::{LogFrom, LogPiece, RecordKind, problem};
use crate::commands::{self, Refusal};

/// How often is looked for new lines.
const LOOK: Duration = Duration::from_millis(250);

/// The newest lines; then, if wanted, an answer without an end.
pub(super) async fn response(
    serving: Arc<Serving>,
    d: String,
    kind: RecordKind,
    limit: u32,
    follow: bool,
) -> Result<Response, Refusal> {
    let deployment = serving.read(move |_, reading| Ok(commands::find(reading, &d)?.id)).await?;
    let piece = piece(&serving, &deployment, kind, LogFrom::Newest(limit)).await?;
    if !follow {
        let raw = |line| RawValue::from_string(line).ok();
        let items: Vec<_> = piece.lines.into_iter().filter_map(raw).collect();
        return Ok(Answer::ok(&Page { items, next_cursor: None })?.into_response());
    }
    let place = serving.stream()?;
    let mut tick = tokio::time::interval(LOOK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let follow = Follow { serving, deployment, kind, piece, tick, _place: place };
    let chunks = stream::unfold(follow, |mut follow| async move {
        let chunk = follow.next().await?;
        Some((Ok::<_, Infallible>(chunk), follow))
    });
    let head = [(header::CONTENT_TYPE, "application/x-ndjson"), (header::CACHE_CONTROL, "no-store")];
    Ok((head, Body::from_stream(chunks)).into_response())
}

async fn piece(
    serving: &Arc<Serving>,
    deployment: &DeploymentId,
    kind: RecordKind,
    from: LogFrom,
) -> Result<LogPiece, Refusal> {
    let deployment = deployment.clone();
    let read = move |api: &crate::api::Api| {
        let failed = |error| problem::fault("what was kept of requests cannot be read", &error);
        api.live.records(&deployment, kind, from).map_err(failed)
    };
    serving.blocking(read).await
}

struct Follow {
    serving: Arc<Serving>,
    deployment: DeploymentId,
    kind: RecordKind,
    piece: LogPiece,
    tick: tokio::time::Interval,
    _place: OwnedSemaphorePermit,
}

impl Follow {
    /// The next lines; none when the deployment is gone or the server stops.
    async fn next(&mut self) -> Option<Bytes> {
        let stopping = self.serving.api.stopping.clone();
        loop {
            let lines = std::mem::take(&mut self.piece.lines);
            if !lines.is_empty() {
                return Some((lines.join("\n") + "\n").into());
            }
            tokio::select! {
                _ = self.tick.tick() => {}
                () = stopping.cancelled() => return None,
            }
            let id = self.deployment.clone();
            let there = self.serving.read(move |_, reading| Ok(reading.deployment(&id)?.is_some())).await.ok()?;
            if !there {
                return None;
            }
            // What cannot be read now is looked for again at the next tick.
            let from = LogFrom::After(self.piece.position);
            if let Ok(piece) = piece(&self.serving, &self.deployment, self.kind, from).await {
                self.piece = piece;
            }
        }
    }
}
