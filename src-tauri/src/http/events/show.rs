//! Chooses between following and polling.

use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use domain::id::{Seq, StreamName};
use domain::wire::HistoryEntry;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{follow, poll};
use crate::api::{ApiFor, Feed};
use crate::commands::Refusal;
use crate::http::requests::QueryParams;

/// From where, and how.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// The last entry that is known; by default the newest, so that only what happens from now on is sent.
    #[param(value_type = Option<u64>)]
    after: Option<Seq>,
    /// Answer with JSON as soon as something has happened, at the latest after so many seconds: 0 to 30.
    wait: Option<u32>,
    /// A name that nobody else has, made up by the caller. `PUT /events/traffic` says to it which deployments' requests the
    /// stream is to tell of.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9-]{1,64}$")]
    stream: Option<StreamName>,
}

/// Follow what happens. By default server-sent events without an end: `change` with an entry of the history, its
/// `id` the place in the journal; `resync` with `{"seq"}` when so much was missed that everything must be read
/// afresh; `alive` every two seconds in which nothing else comes; `notices` when notices have changed, perhaps yours; `traffic` with the recent
/// requests of the deployments that were asked for, by id, where they have changed. `Last-Event-ID` counts more than `after`. With `Accept: application/json` or `wait`: what has happened
/// since, as one answer.
#[utoipa::path(get, path = "/events", tag = "events", params(Wanted),
    responses((status = 200, content((HistoryEntry = "text/event-stream"), (poll::Happened = "application/json")))))]
pub(super) async fn show(
    api: ApiFor,
    QueryParams(wanted): QueryParams<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let last = match headers.get("last-event-id") {
        Some(given) => Some(given.to_str().ok().and_then(|text| text.trim().parse().ok()).ok_or_else(|| {
            Refusal::invalid("Last-Event-ID", "Last-Event-ID must be the id of an event that was sent here.")
        })?),
        None => None,
    };
    let feed = Feed::open(api, last.or(wanted.after), wanted.stream).await?;
    if wanted.wait.is_some() || wants_json(&headers) {
        return Ok(poll::answer(feed, wanted.wait.unwrap_or(0)).await?.into_response());
    }
    Ok(follow::response(feed))
}

fn wants_json(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.contains("application/json") && !accepted.contains("text/event-stream")
}
