//! Shows what replicas have written.

use axum::response::{IntoResponse, Response};
use domain::id::{DeploymentId, ReplicaId};
use domain::wire::{LogLine, Page, PredictionLine, ReadOn, RequestLine};
use serde::{Deserialize, Serialize};
use std::io;
use utoipa::{IntoParams, ToSchema};

use super::follow::Source;
use super::positions::{Positions, Read};
use super::unreadable::unreadable;
use super::{follow, records};
use crate::api::{Answer, Api, ApiFor, LogFrom, RecordKind};
use crate::commands::Refusal;
use crate::http::requests::{PathParams, QueryParams, limit};

/// The lines that are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Only this replica's, also when it is gone; by default those of every replica there is.
    #[param(value_type = Option<String>)]
    replica: Option<ReplicaId>,
    /// The number of newest lines, shared out among the replicas: 1 to 10,000; by default 500.
    limit: Option<u32>,
    /// `next_cursor` of an earlier answer to the same question: what was written since, about `limit` lines of it at a
    /// time.
    #[param(value_type = Option<String>)]
    since: Option<Positions>,
    /// Do not end: send lines as they are written. An empty line every 15 seconds is a sign of life.
    follow: bool,
    /// While following: after each chunk of lines a `ReadOn`, whose `next_cursor` is sent as `since` to go on after a
    /// break.
    cursors: bool,
    /// Instead, what the gateway has kept of requests, of a deployment whose `request_log` is on.
    requests: bool,
    /// Instead, what predictions were asked and answered, of a deployment whose `data_collection` is on.
    predictions: bool,
}

/// A line of one of the three kinds.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[allow(dead_code)] // Only described: what is kept is passed on as it is.
pub(super) enum Line {
    Output(LogLine),
    Request(RequestLine),
    Prediction(PredictionLine),
    ReadOn(ReadOn),
}

impl Wanted {
    /// The kind of records that is asked for instead of the replicas' output.
    fn records(&self) -> Result<Option<RecordKind>, Refusal> {
        let kind = match (self.requests, self.predictions) {
            (false, false) => return Ok(None),
            (true, false) => RecordKind::Requests,
            (false, true) => RecordKind::Predictions,
            (true, true) => {
                let detail = "Ask for requests or for predictions, not for both at once.";
                return Err(Refusal::invalid("predictions", detail));
            }
        };
        match &self.replica {
            None => Ok(Some(kind)),
            Some(_) => {
                let detail =
                    "Requests are kept by deployment: leave replica out; each line names the one that answered.";
                Err(Refusal::invalid("replica", detail))
            }
        }
    }
}

/// Read what replicas have written, oldest line first: `LogLine`s. `next_cursor` is where it ends: send it as `since`
/// to read on from there. With `requests`, what the gateway has kept of requests: `RequestLine`s; with `predictions`,
/// `PredictionLine`s. While following: one JSON line for each.
#[utoipa::path(get, path = "/deployments/{d}/logs", tag = "logs", params(Wanted),
    responses((status = 200, content((Page<Line> = "application/json"), (Line = "application/x-ndjson")))))]
pub(super) async fn show(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    QueryParams(wanted): QueryParams<Wanted>,
) -> Result<Response, Refusal> {
    let limit = limit(wanted.limit, 500, 10_000)?;
    if let Some(kind) = wanted.records()? {
        let id = api.read(move |views| views.id_of(&d)).await?;
        let from = match &wanted.since {
            None => LogFrom::Newest(limit),
            Some(since) => LogFrom::After(since.in_records(kind).ok_or_else(|| {
                Refusal::invalid(
                    "since",
                    "This next_cursor was given for another kind of lines. Send one that was given for this kind.",
                )
            })?),
        };
        let piece = records::piece(&api, &id, kind, from).await?;
        if wanted.follow {
            return follow::response(api, id, Source::Records(kind, piece), wanted.cursors);
        }
        return records::page(kind, piece);
    }
    let replica = wanted.replica.clone();
    let (id, replicas) = api
        .read(move |views| {
            let id = views.id_of(&d)?;
            let replicas = match replica {
                Some(replica) => vec![replica],
                None => views.replicas_of(&id)?.unwrap_or_default(),
            };
            Ok((id, replicas))
        })
        .await?;
    let (deployment, only) = (id.clone(), wanted.replica.clone());
    let read = move |own: &ApiFor| match wanted.since {
        Some(since) => Ok(since.read_on(&own.api, &deployment, replicas, limit as usize)),
        None => newest(&own.api, &deployment, replicas, limit, only.is_some()),
    };
    let read = api.blocking(read).await?;
    if wanted.follow {
        return follow::response(api, id, Source::Output(wanted.replica, read), wanted.cursors);
    }
    Ok(Answer::done(&Page { items: read.lines, next_cursor: Some(read.positions.to_string()) })?.into_response())
}

/// The newest lines of each replica. Only a replica that was named must have some.
fn newest(
    api: &Api,
    deployment: &DeploymentId,
    replicas: Vec<ReplicaId>,
    limit: u32,
    named: bool,
) -> Result<Read, Refusal> {
    let share = (limit / u32::try_from(replicas.len()).unwrap_or(u32::MAX).max(1)).max(1);
    let mut read = Read { lines: Vec::new(), positions: Positions::default() };
    for replica in replicas {
        match api.live.logs(deployment, &replica, LogFrom::Newest(share)) {
            Ok(piece) => {
                read.lines.extend(piece.lines.into_iter().map(|line| LogLine { replica: replica.clone(), line }));
                read.positions.note(&replica, piece.position);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && !named => {}
            Err(error) => return Err(unreadable(&replica, &error)),
        }
    }
    Ok(read)
}
