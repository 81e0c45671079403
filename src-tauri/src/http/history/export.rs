//! Gives the whole journal out, a line for each entry and one at the end that says where it begins and ends.

use std::io;

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::wire::HistoryEntry;
use futures_util::TryStreamExt as _;

use crate::api::ApiFor;
use crate::commands::Refusal;
use crate::http::requests::WithoutQuery;

/// Export the history: one JSON entry a line, oldest first, up to the newest at this moment, and at the end one line
/// `{"end":{"after":…,"head":…}}` with number and hash of the entry before the first and of the last.
#[utoipa::path(get, path = "/history/export", tag = "history",
    responses((status = 200, body = HistoryEntry, content_type = "application/x-ndjson")))]
pub(super) async fn export(api: ApiFor, _: WithoutQuery) -> Result<Response, Refusal> {
    let lines = api.export().await?.map_err(|refusal| io::Error::other(refusal.problem().detail));
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"changeover-history.ndjson\""),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}
