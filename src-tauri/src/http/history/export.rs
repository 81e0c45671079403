//! Gives the whole journal out, a line for each entry and one at the end that says where it begins and ends.

use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::chain::Link;
use domain::id::Seq;
use domain::wire::HistoryEntry;
use futures_util::stream;

use crate::commands::Refusal;
use crate::http::problem;
use crate::http::requests::WithoutQuery;
use crate::http::serving::Serving;
use crate::store::tables::journal::Written;
use crate::store::{StoreError, transcript};

/// Entries that are read at once.
const BATCH: u32 = 500;

/// Export the history: one JSON entry a line, oldest first, up to the newest at this moment, and at the end one line
/// `{"end":{"after":…,"head":…}}` with number and hash of the entry before the first and of the last.
#[utoipa::path(get, path = "/history/export", tag = "history",
    responses((status = 200, body = HistoryEntry, content_type = "application/x-ndjson")))]
pub(super) async fn export(State(serving): State<Arc<Serving>>, _: WithoutQuery) -> Result<Response, Refusal> {
    let head = serving.read(|_, reading| Ok(reading.head()?)).await?;
    let begin = serving.read(|_, reading| Ok(reading.archived()?.unwrap_or_else(Link::genesis))).await?;
    let lines = stream::try_unfold(Some(begin.seq), move |after| {
        let (serving, begin, head) = (Arc::clone(&serving), begin.clone(), head.clone());
        async move {
            let Some(after) = after else { return Ok(None) };
            let read = serving.read(move |_, reading| Ok(reading.entries_after(after, BATCH)?)).await;
            let piece = read.and_then(|entries| Ok(piece(&entries, &begin, &head)?));
            piece.map(Some).map_err(|refusal| io::Error::other(problem::of(&refusal).detail))
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"changeover-history.ndjson\""),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}

/// The lines of `entries` up to `head`, and where to go on; at the end the last line, and nowhere.
fn piece(entries: &[Written], begin: &Link, head: &Link) -> Result<(Bytes, Option<Seq>), StoreError> {
    let mut lines = String::new();
    let mut next = None;
    for written in entries.iter().filter(|written| written.seq <= head.seq) {
        lines.push_str(&transcript::entry(written)?);
        next = Some(written.seq);
    }
    let next = next.filter(|next| *next < head.seq);
    if next.is_none() {
        lines.push_str(&transcript::end(begin, head)?);
    }
    Ok((lines.into(), next))
}
