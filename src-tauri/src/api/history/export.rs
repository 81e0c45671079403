//! Gives the whole journal out, a line for each entry.

use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::id::Seq;
use domain::wire::HistoryEntry;
use futures_util::stream;

use crate::api::requests::WithoutQuery;
use crate::api::serving::Serving;
use crate::api::{problem, views};
use crate::commands::Refusal;
use crate::events::Recorded;

/// Entries that are read at once.
const BATCH: u32 = 500;

/// Export the history: one JSON entry a line, oldest first, up to the newest at this moment.
#[utoipa::path(get, path = "/history/export", tag = "history",
    responses((status = 200, body = HistoryEntry, content_type = "application/x-ndjson")))]
pub(super) async fn export(State(serving): State<Arc<Serving>>, _: WithoutQuery) -> Result<Response, Refusal> {
    let last = serving.read(|_, reading| Ok(reading.last_seq()?)).await?;
    let lines = stream::try_unfold(Seq(0), move |after| {
        let serving = Arc::clone(&serving);
        async move {
            let batch = serving.read(move |_, reading| batch(&reading.entries_after(after, BATCH)?, last)).await;
            batch.map_err(|refusal| io::Error::other(problem::of(&refusal).detail))
        }
    });
    let head = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"changeover-history.ndjson\""),
    ];
    Ok((head, Body::from_stream(lines)).into_response())
}

/// The lines of `entries` up to `last`, and where to go on; none at the end.
fn batch(entries: &[Recorded], last: Seq) -> Result<Option<(Bytes, Seq)>, Refusal> {
    let wanted = entries.iter().filter(|recorded| recorded.entry.seq <= last);
    let mut lines = Vec::new();
    let mut end = None;
    for recorded in wanted {
        serde_json::to_writer(&mut lines, &views::entry(recorded))
            .map_err(|error| problem::fault("an entry cannot be written", &error))?;
        lines.push(b'\n');
        end = Some(recorded.entry.seq);
    }
    Ok(end.map(|end| (lines.into(), end)))
}
