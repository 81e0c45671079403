//! Sends lines as replicas write them, or as the gateway keeps them.

use std::time::Duration;

use axum::response::Response;
use bytes::Bytes;
use domain::id::DeploymentId;
use domain::ledger::ReplicaPast;
use domain::wire::{LogLine, ReadOn};
use futures_util::stream;
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::MissedTickBehavior;

use super::later::{Later, LaterLines};
use super::positions::Positions;
use super::records;
use crate::api::{ApiFor, LogFrom, LogPiece, RecordKind, Stay};
use crate::commands::Refusal;
use crate::http::endless;

/// The pause between two looks for new lines.
const LOOK: Duration = Duration::from_millis(250);

/// The lines that are followed, and the last piece of them.
pub(super) enum Source {
    /// Output of replicas.
    Output(Box<Later>, LaterLines),
    /// The records of requests that are kept.
    Records(RecordKind, LogPiece),
}

struct Follow {
    api: ApiFor,
    deployment: DeploymentId,
    source: Source,
    /// The cursor that was sent last; none is sent to whoever did not ask for it.
    told: Option<String>,
    cursors: bool,
    tick: tokio::time::Interval,
    stay: Stay,
    _place: OwnedSemaphorePermit,
}

/// An answer without an end, until the client leaves or is not let in any more, the deployment is gone or the server stops. With `cursors`, a
/// [`ReadOn`] follows each chunk of lines.
pub(super) fn response(
    api: ApiFor,
    deployment: DeploymentId,
    source: Source,
    cursors: bool,
) -> Result<Response, Refusal> {
    let place = api.stream()?;
    let mut tick = tokio::time::interval(LOOK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let stay = Stay::of(&api);
    let follow = Follow { api, deployment, source, told: None, cursors, tick, stay, _place: place };
    Ok(endless::lines(stream::unfold(follow, |mut follow| async move {
        let chunk = follow.next().await?;
        Some((chunk, follow))
    })))
}

impl Follow {
    async fn next(&mut self) -> Option<Bytes> {
        let stopping = self.api.api.stopping.clone();
        loop {
            let chunk = self.chunk();
            if !chunk.is_empty() {
                return Some(chunk.into());
            }
            tokio::select! {
                _ = self.tick.tick() => {}
                () = stopping.cancelled() => return None,
                () = self.stay.ended() => return None,
            }
            self.look().await?;
        }
    }

    /// The lines that were read, and the cursor after them where it has moved.
    fn chunk(&mut self) -> Vec<u8> {
        let (mut text, mut lost) = (Vec::new(), false);
        let cursor = match &mut self.source {
            Source::Output(later, read) => {
                std::mem::take(&mut read.lines).iter().for_each(|line: &LogLine| write(&mut text, line));
                lost = std::mem::take(&mut read.lost);
                later.positions.to_string()
            }
            Source::Records(kind, piece) => {
                for line in std::mem::take(&mut piece.lines) {
                    text.extend_from_slice(line.as_bytes());
                    text.push(b'\n');
                }
                Positions::of_records(*kind, piece.position).to_string()
            }
        };
        if self.cursors && self.told.as_ref() != Some(&cursor) {
            write(&mut text, &ReadOn { next_cursor: cursor.clone(), lost });
            self.told = Some(cursor);
        }
        text
    }

    /// Reads what was written since. None when there is nothing left to follow.
    async fn look(&mut self) -> Option<()> {
        let replicas = self.replicas().await?;
        let deployment = self.deployment.clone();
        match &mut self.source {
            Source::Output(later, read) => {
                let mut reading = std::mem::take(later);
                let work = move |own: &ApiFor| {
                    let lines = reading.read(&own.api, &deployment, replicas, usize::MAX);
                    Ok((reading, lines))
                };
                (*later, *read) = self.api.blocking(work).await.ok()?;
            }
            Source::Records(kind, piece) => {
                // What cannot be read now is looked for again at the next tick.
                let from = LogFrom::After(piece.position);
                if let Ok(found) = records::piece(&self.api, &deployment, *kind, from).await {
                    *piece = found;
                }
            }
        }
        Some(())
    }

    /// The replicas that are read now; none when the deployment is gone.
    async fn replicas(&self) -> Option<Vec<ReplicaPast>> {
        let id = self.deployment.clone();
        match &self.source {
            Source::Output(later, _) => {
                let (chosen, read) = (later.chosen.clone(), later.positions.clone());
                self.api.read(move |views| chosen.replicas(views, &id, &read)).await.ok().flatten()
            }
            Source::Records(..) => self.api.read(move |views| views.remembered(&id, false)).await.ok().flatten(),
        }
    }
}

/// Adds a line of JSON; what is made of strings can always be written.
fn write(text: &mut Vec<u8>, line: &impl Serialize) {
    if serde_json::to_writer(&mut *text, line).is_ok() {
        text.push(b'\n');
    }
}
