//! Gives the journal out: the whole of it, a line for each entry and one at the end that says where it begins and ends; or
//! what a search finds.

use std::io;

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::id::{Actor, UseCaseId};
use domain::wire::{EngineSteps, ExportForm, HistoryEntry};
use futures_util::{Stream, TryStreamExt as _};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::{ApiFor, HistoryAbout};
use crate::commands::Refusal;
use crate::http::requests::QueryParams;

/// The entries that are exported: without any of these the whole history.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct WantedExport {
    /// The form: `jsonl`, or `csv`, which is a table for spreadsheets.
    #[param(inline, value_type = Option<ExportForm>)]
    format: ExportForm,
    /// Words, in any case, that are all found: in the sentence, the kind, the reason, the name of the deployment (also of one
    /// that is gone) or that of who did it.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Only those about this deployment: its name, or its id, which also finds one that is gone.
    deployment: Option<String>,
    /// Only those about deployments that are linked to this use case now: its id.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9-]{1,64}$")]
    use_case: Option<UseCaseId>,
    /// Only those of this kind, as in `rollout_started`.
    kind: Option<String>,
    /// Only what this person, service or program did: as in `actor`.
    #[param(value_type = Option<String>)]
    by: Option<Actor>,
    /// Only those from this time on.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Only those before this time.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// Whether steps of the engine are exported: `true`, `false`, or `only`.
    #[param(inline, value_type = Option<EngineSteps>)]
    engine: EngineSteps,
}

/// Export the history: one JSON entry a line, oldest first, up to the newest at this moment, and at the end one line
/// `{"end":{"after":…,"head":…}}` with number and hash of the entry before the first and of the last. What filters choose ends
/// with `{"end":{"filtered":true,"entries":…,"head":…,"note":…}}` instead, and cannot be verified alone; nor can a table.
#[utoipa::path(get, path = "/history/export", tag = "history", params(WantedExport),
    responses((status = 200, body = HistoryEntry, content_type = "application/x-ndjson")))]
pub(super) async fn export(api: ApiFor, QueryParams(wanted): QueryParams<WantedExport>) -> Result<Response, Refusal> {
    let WantedExport { format, q, deployment, use_case, kind, by, from, to, engine } = wanted;
    let about = HistoryAbout { deployment, use_case, kind, q, by, from, to, after: None, engine };
    if format == ExportForm::Lines && about == HistoryAbout::default() {
        return Ok(file(api.export().await?, format));
    }
    Ok(file(api.export_found(about, format).await?, format))
}

fn file(pieces: impl Stream<Item = Result<Bytes, Refusal>> + Send + 'static, form: ExportForm) -> Response {
    let pieces = pieces.map_err(|refusal| io::Error::other(refusal.problem().detail));
    let (kind, disposition) = match form {
        ExportForm::Lines => ("application/x-ndjson", "attachment; filename=\"changeover-history.ndjson\""),
        ExportForm::Table => ("text/csv; charset=utf-8", "attachment; filename=\"changeover-history.csv\""),
    };
    let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)];
    (headers, Body::from_stream(pieces)).into_response()
}
