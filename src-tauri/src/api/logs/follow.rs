//! Sends lines as replicas write them.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::id::{DeploymentId, ReplicaId};
use domain::wire::LogLine;
use futures_util::stream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::MissedTickBehavior;

use super::positions::{Positions, Read};
use crate::api::serving::Serving;
use crate::commands::Refusal;

/// How often is looked for new lines.
const LOOK: Duration = Duration::from_millis(250);

struct Follow {
    serving: Arc<Serving>,
    deployment: DeploymentId,
    only: Option<ReplicaId>,
    positions: Positions,
    ready: Vec<LogLine>,
    tick: tokio::time::Interval,
    _place: OwnedSemaphorePermit,
}

/// An answer without an end, until the client leaves, the deployment is gone or the server stops.
pub(super) fn response(
    serving: Arc<Serving>,
    deployment: DeploymentId,
    only: Option<ReplicaId>,
    read: Read,
) -> Result<Response, Refusal> {
    let place = serving.stream()?;
    let mut tick = tokio::time::interval(LOOK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let Read { lines, positions } = read;
    let follow = Follow { serving, deployment, only, positions, ready: lines, tick, _place: place };
    let chunks = stream::unfold(follow, |mut follow| async move {
        let chunk = follow.next().await?;
        Some((Ok::<_, Infallible>(chunk), follow))
    });
    let head = [(header::CONTENT_TYPE, "application/x-ndjson"), (header::CACHE_CONTROL, "no-store")];
    Ok((head, Body::from_stream(chunks)).into_response())
}

impl Follow {
    async fn next(&mut self) -> Option<Bytes> {
        let stopping = self.serving.api.stopping.clone();
        loop {
            if !self.ready.is_empty() {
                return Some(written(std::mem::take(&mut self.ready)));
            }
            tokio::select! {
                _ = self.tick.tick() => {}
                () = stopping.cancelled() => return None,
            }
            self.look().await?;
        }
    }

    /// Reads what was written since. None when there is nothing left to follow.
    async fn look(&mut self) -> Option<()> {
        let replicas = match &self.only {
            Some(replica) => vec![replica.clone()],
            None => self.replicas().await?,
        };
        let (deployment, known) = (self.deployment.clone(), std::mem::take(&mut self.positions));
        let read = self.serving.blocking(move |api| Ok(known.read_on(api, &deployment, replicas, usize::MAX)));
        let read = read.await.ok()?;
        self.positions = read.positions;
        self.ready = read.lines;
        Some(())
    }

    /// The deployment's replicas now; none when it is gone.
    async fn replicas(&self) -> Option<Vec<ReplicaId>> {
        let id = self.deployment.clone();
        let read = self.serving.read(move |_, reading| {
            let Some(row) = reading.deployment(&id)? else { return Ok(None) };
            Ok(Some(reading.replicas(&row.id)?.into_iter().map(|replica| replica.id).collect()))
        });
        read.await.ok().flatten()
    }
}

fn written(lines: Vec<LogLine>) -> Bytes {
    let mut text = Vec::new();
    for line in lines {
        // A line is made of strings, so it can always be written.
        let _ = serde_json::to_writer(&mut text, &line);
        text.push(b'\n');
    }
    text.into()
}
