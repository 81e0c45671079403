//! Gives the output of replicas away as a text: everything that is kept of what is chosen.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io;

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use domain::id::{DeploymentId, ReplicaId, RevisionNumber};
use domain::wire::{LineLevel, LogLine};
use futures_util::stream;
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;
use utoipa::IntoParams;

use super::chosen::Chosen;
use super::positions::Positions;
use super::told::{Order, Told};
use super::unreadable::unreadable;
use crate::api::{Api, ApiFor, OutputFrom};
use crate::commands::Refusal;
use crate::http::requests::{PathParams, QueryParams};

/// The size of a chunk, in bytes.
const CHUNK: usize = 64 << 10;

/// The lines that are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct WantedDownload {
    /// Only this replica's, also when it is gone; by default those of every replica there is.
    #[param(value_type = Option<String>)]
    replica: Option<ReplicaId>,
    /// Only lines of this revision, also of replicas that are gone.
    #[param(value_type = Option<u32>)]
    revision: Option<RevisionNumber>,
    /// Only lines of this level, or worse.
    #[param(inline, value_type = Option<LineLevel>)]
    level: Option<LineLevel>,
}

/// Download what replicas have written, as far as it is kept, oldest line first: time, level, revision, replica and line.
#[utoipa::path(get, path = "/deployments/{d}/logs/download", tag = "logs", params(WantedDownload),
    responses((status = 200, body = String, content_type = "text/plain")))]
pub(super) async fn download(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    QueryParams(wanted): QueryParams<WantedDownload>,
) -> Result<Response, Refusal> {
    let WantedDownload { replica, revision, level } = wanted;
    let chosen = Chosen { replica, revision, level };
    let place = api.stream()?;
    let asked = chosen.clone();
    let (id, name, replicas) = api
        .read(move |views| {
            let id = views.id_of(&d)?;
            let name = views.moment().find(&d)?.name;
            let replicas = asked.replicas(views, &id, &Positions::default())?.unwrap_or_default();
            Ok((id, name, replicas))
        })
        .await?;
    let named = match (&chosen.replica, chosen.revision) {
        (Some(replica), _) => format!("{name}-{replica}"),
        (None, Some(revision)) => format!("{name}-revision-{revision}"),
        (None, None) => name.to_string(),
    };
    let sources = replicas.into_iter().map(|past| Source {
        told: Told::new(past),
        position: 0,
        ended: false,
        lines: VecDeque::new(),
    });
    let copy = CopyOut { api, deployment: id, chosen, sources: sources.collect(), _place: place };
    let (first, copy) = copy.next().await?;
    let chunks = stream::try_unfold((Some(first), copy), |(first, copy)| async move {
        let (chunk, copy) = match first {
            Some(chunk) => (chunk, copy),
            None => copy.next().await.map_err(|refusal| io::Error::other(refusal.problem().detail))?,
        };
        Ok::<_, io::Error>((!chunk.is_empty()).then_some((chunk, (None, copy))))
    });
    let head = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{named}.log\"")),
    ];
    Ok((head, Body::from_stream(chunks)).into_response())
}

/// One replica, and how far it has been read.
struct Source {
    told: Told,
    position: u64,
    ended: bool,
    lines: VecDeque<(Order, LogLine)>,
}

/// All that is copied out.
struct CopyOut {
    api: ApiFor,
    deployment: DeploymentId,
    chosen: Chosen,
    sources: Vec<Source>,
    _place: OwnedSemaphorePermit,
}

impl CopyOut {
    /// The next chunk; an empty one at the end.
    async fn next(mut self) -> Result<(Bytes, Self), Refusal> {
        let api = self.api.clone();
        api.blocking(move |own| {
            let chunk = self.chunk(&own.api)?;
            Ok((chunk, self))
        })
        .await
    }

    fn chunk(&mut self, api: &Api) -> Result<Bytes, Refusal> {
        let mut text = String::new();
        while text.len() < CHUNK {
            for source in &mut self.sources {
                source.fill(api, &self.deployment, &self.chosen)?;
            }
            let waiting = self.sources.iter_mut().filter(|source| !source.lines.is_empty());
            let next = waiting.min_by_key(|source| source.lines.front().and_then(|(order, _)| *order));
            let Some((_, line)) = next.and_then(|source| source.lines.pop_front()) else { break };
            write_line(&mut text, &line);
        }
        Ok(text.into())
    }
}

impl Source {
    /// Reads on until there is a line that was asked for, or none any more.
    fn fill(&mut self, api: &Api, deployment: &DeploymentId, chosen: &Chosen) -> Result<(), Refusal> {
        while self.lines.is_empty() && !self.ended {
            let id = self.told.past.id.clone();
            let piece = match api.live.logs(deployment, &id, OutputFrom::After(self.position)) {
                Ok(piece) => piece,
                Err(error) if error.kind() == io::ErrorKind::NotFound && chosen.replica.is_none() => {
                    self.ended = true;
                    break;
                }
                Err(error) => return Err(unreadable(&id, &error)),
            };
            self.ended = piece.lines.is_empty();
            self.position = piece.end;
            let lines = piece.lines.iter().map(|(end, raw)| self.told.line(*end, raw));
            self.lines.extend(lines.filter(|(_, line)| chosen.fits(line)));
        }
        Ok(())
    }
}

fn write_line(text: &mut String, line: &LogLine) {
    let at = line.at.map_or_else(|| "-".to_owned(), |at| format!("{at:.6}"));
    let level = line.level.map_or("-", LineLevel::as_str);
    let revision = line.revision.map_or_else(|| "-".to_owned(), |revision| format!("revision {revision}"));
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{at}  {level:<7}  {revision}  {}  {}", line.replica, line.line);
}
