//! Shows what replicas have written.

use axum::response::{IntoResponse, Response};
use domain::id::{ReplicaId, RevisionNumber};
use domain::wire::{LineLevel, LogLine, LogPage, PredictionLine, ReadOn, RequestLine};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::chosen::Chosen;
use super::follow::Source;
use super::later::{Later, LaterLines};
use super::positions::Positions;
use super::{earlier, follow, records};
use crate::api::{Answer, ApiFor, LogFrom, RecordKind};
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
    /// Only lines of this revision, also of replicas that are gone.
    #[param(value_type = Option<u32>)]
    revision: Option<RevisionNumber>,
    /// Only lines of this level, or worse.
    #[param(inline, value_type = Option<LineLevel>)]
    level: Option<LineLevel>,
    /// The number of newest lines: 1 to 10,000; by default 500.
    limit: Option<u32>,
    /// `next_cursor` of an earlier answer to the same question: what was written since, about `limit` lines of it at a
    /// time.
    #[param(value_type = Option<String>)]
    since: Option<Positions>,
    /// `earlier_cursor` of an earlier answer to the same question: the newest lines before it.
    #[param(value_type = Option<String>)]
    before: Option<Positions>,
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
        let given = [
            ("replica", self.replica.is_some()),
            ("revision", self.revision.is_some()),
            ("level", self.level.is_some()),
            ("before", self.before.is_some()),
        ];
        match given.into_iter().find(|(_, given)| *given) {
            None => Ok(Some(kind)),
            Some((field, _)) => {
                let detail = format!(
                    "Requests are kept by deployment: leave {field} out; each line names the replica that answered."
                );
                Err(Refusal::invalid(field, detail))
            }
        }
    }

    /// The place before which lines are asked for; none for the newest, or those after another place.
    fn place_before(&self) -> Result<Option<&Positions>, Refusal> {
        let wrong = |detail| Err(Refusal::invalid("before", detail));
        match (&self.before, &self.since) {
            (Some(_), Some(_)) => wrong("Ask for lines before a place or since another, not for both at once."),
            (Some(_), None) if self.follow => {
                wrong("What was written before a place does not go on: leave follow out.")
            }
            (before, _) => Ok(before.as_ref()),
        }
    }
}

/// Read what replicas have written, oldest line first: `LogLine`s. `next_cursor` is where it ends: send it as `since` to read on
/// from there; `earlier_cursor` is where it begins: send it as `before`. With `requests`, what the gateway has kept of requests:
/// `RequestLine`s; with `predictions`, `PredictionLine`s. While following: one JSON line for each.
#[utoipa::path(get, path = "/deployments/{d}/logs", tag = "logs", params(Wanted),
    responses((status = 200, content((LogPage<Line> = "application/json"), (Line = "application/x-ndjson")))))]
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
    wanted.place_before()?;
    let chosen = Chosen { replica: wanted.replica.clone(), revision: wanted.revision, level: wanted.level };
    let (asked, read) = (chosen.clone(), wanted.since.clone().unwrap_or_default());
    let (id, replicas) = api
        .read(move |views| {
            let id = views.id_of(&d)?;
            let replicas = asked.replicas(views, &id, &read)?.unwrap_or_default();
            Ok((id, replicas))
        })
        .await?;
    let (deployment, follow, cursors) = (id.clone(), wanted.follow, wanted.cursors);
    let read = move |own: &ApiFor| match wanted.since {
        Some(since) => {
            let mut later = Later::from(chosen, since);
            let read = later.read(&own.api, &deployment, replicas, limit as usize);
            Ok((later, read, None))
        }
        None => {
            let before = wanted.before.as_ref();
            let found = earlier::read(&own.api, &deployment, replicas, before, &chosen, limit as usize)?;
            let read = LaterLines { lines: found.lines, lost: false };
            let begins = found.earlier.then(|| found.begins.to_string());
            Ok((Later::from(chosen, found.ends), read, begins))
        }
    };
    let (later, read, earlier_cursor) = api.blocking(read).await?;
    if follow {
        return follow::response(api, id, Source::Output(Box::new(later), read), cursors);
    }
    let next_cursor = Some(later.positions.to_string());
    Ok(Answer::done(&LogPage { items: read.lines, next_cursor, earlier_cursor })?.into_response())
}
